import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { mayRead } from "../../base/reading-wall.ts";
import { firstBytes, streamRegular } from "../../base/regular-file.ts";
import { EXIT, TriageError } from "../../model/errors.ts";

/** The path that means standard input. */
export const STANDARD_INPUT = "-";

/** One megabyte, as the unpackers take it. */
const CHUNK = 1 << 20;
const MAGIC = 4;

/** Bytes as they are stored or come through a pipe, before anything is unpacked. */
export interface Stored {
  /** The first four, fewer where there are no more. */
  readonly magic: Buffer;
  /** Of a file its size; of a pipe what came so far. */
  size(): number;
  bytesRead(): number;
  /** From the start; of a pipe a second time only what {@link keep} kept. */
  bytes(): Readable;
  /** Has a pipe keep what comes through it, for who has to read packed bytes again. */
  keep(): void;
}

/** @throws {UnfitFile} */
export function fileBytes(path: string, size: number): Stored {
  if (!mayRead(path)) throw outside(path);
  let latest: ReturnType<typeof streamRegular> | null = null;
  return {
    magic: firstBytes(path, MAGIC),
    size: () => size,
    bytesRead: () => latest?.bytesRead ?? 0,
    bytes: () => {
      latest = streamRegular(path, CHUNK);
      return latest;
    },
    keep: () => {},
  };
}

const outside = (path: string): TriageError =>
  new TriageError({
    code: "trace/outside",
    exit: EXIT.unreadable,
    message: `${path} lies outside the folders that may be read.`,
    place: path,
    hint: "Name a trace within them, or have whoever starts the server add its folder.",
  });

/**
 * A named pipe, or standard input for "-". Waits for its other end.
 *
 * @throws {TriageError} trace/stdin-used, trace/stdin-terminal (exit 2 or 3)
 */
export async function pipeBytes(path: string): Promise<Stored> {
  if (!mayRead(path)) throw outside(path);
  const live = path === STANDARD_INPUT ? standardInput() : createReadStream(path);
  const incoming = (live as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const kept: Buffer[] = [];
  let keeps = true;
  let seen = 0;
  const next = async (): Promise<Buffer | null> => {
    const { done, value } = await incoming.next();
    if (done === true) return null;
    seen += value.length;
    if (keeps) kept.push(value);
    return value;
  };
  let head = Buffer.alloc(0);
  while (head.length < MAGIC) {
    const chunk = await next();
    if (chunk === null) break;
    head = Buffer.concat([head, chunk]);
  }
  keeps = false;
  async function* all(): AsyncGenerator<Buffer> {
    yield* kept;
    for (let chunk = await next(); chunk !== null; chunk = await next()) yield chunk;
  }
  return {
    magic: head.subarray(0, MAGIC),
    size: () => seen,
    bytesRead: () => seen,
    bytes: () => Readable.from(all(), { objectMode: false, highWaterMark: CHUNK }),
    keep: () => {
      keeps = true;
    },
  };
}

function standardInput(): Readable {
  const { stdin } = process;
  if (stdin.isTTY)
    throw new TriageError({
      code: "trace/stdin-terminal",
      exit: EXIT.usage,
      message: "- reads a trace from a pipe, and standard input is a terminal.",
      hint: "Pipe a trace into it: aws s3 cp s3://BUCKET/TRACE - | triage -",
    });
  if (stdin.readableEnded || stdin.destroyed)
    throw new TriageError({
      code: "trace/stdin-used",
      exit: EXIT.usage,
      message: "Standard input can be read once only.",
      place: STANDARD_INPUT,
      hint: "Write the trace to a file first and give that.",
    });
  return stdin;
}
