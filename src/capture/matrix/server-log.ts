import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";

const TAIL = 20;
/** For what a server that has ended left in the pipe; workers that outlive it may hold it open for ever. */
const DRAIN_MS = 500;

/**
 * What a server that we started writes, kept in a file line by line without its secrets: engines
 * print the arguments they were started with, keys included.
 */
export class ServerLog {
  readonly #clean: (line: string) => string;
  readonly #file: WriteStream;
  readonly #ends: Promise<unknown>[] = [];
  readonly #last: string[] = [];

  constructor(clean: (line: string) => string, file: WriteStream) {
    this.#clean = clean;
    this.#file = file;
    // A disk that fills up later must not end the capture: the log is only for people.
    file.on("error", () => {});
  }

  /** @throws the system's error when the file cannot be opened. */
  static async open(path: string, clean: (line: string) => string): Promise<ServerLog> {
    const file = createWriteStream(path);
    await once(file, "open");
    return new ServerLog(clean, file);
  }

  take(output: Readable): void {
    // Bars of progress end in carriage returns, which end a line here as well.
    const reader = createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY });
    reader.on("line", (line) => this.#add(this.#clean(line)));
    this.#ends.push(once(reader, "close"));
  }

  #add(line: string): void {
    this.#file.write(`${line}\n`);
    this.#last.push(line);
    if (this.#last.length > TAIL) this.#last.shift();
  }

  /** Its last lines, for messages about a server that has ended. */
  async tail(): Promise<string> {
    await this.#drained();
    return `The end of its log:\n${this.#last.join("\n").trim()}`;
  }

  /** Ends once all that was written so far is in the file. */
  async close(): Promise<void> {
    await this.#drained();
    await new Promise<void>((resolve) => {
      this.#file.once("close", resolve);
      this.#file.end();
      if (this.#file.closed) resolve();
    });
  }

  async #drained(): Promise<void> {
    await Promise.race([Promise.all(this.#ends), wait(DRAIN_MS)]);
  }
}
