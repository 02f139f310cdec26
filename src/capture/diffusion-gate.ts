import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { stripVTControlCharacters, TextDecoder } from "node:util";
import { createGunzip } from "node:zlib";
import { diffusersRefusal } from "../model/diffusers.ts";
import { EXIT, TriageError } from "../model/errors.ts";

/**
 * What SGLang's diffusion runtime logs when it serves a model with the diffusers pipeline instead of
 * its own (multimodal_gen registry and diffusers_pipeline). Advice such as "Consider using --backend
 * diffusers" and "Using native sglang backend" must not match.
 */
const MARKS = [
  "falling back to diffusers backend",
  "using diffusers backend",
  "loaded diffusers pipeline",
] as const;

/** The word of all marks. */
const WORD = "diffusers";

interface LogLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly text: string;
}

/** The choice itself, in logged arguments: `--backend diffusers`, `backend='diffusers'`, `"backend": "diffusers"`, `backend=<Backend.DIFFUSERS: 'diffusers'>`. */
const CHOICE =
  /(?<![\w-])(?:--backend[= ]\s*['"]?diffusers\b|backend['"]?\s*[=:]\s*['"]?(?:<?backend\.)?diffusers\b)/;
/** Advice to choose it is no choice. */
const ADVICE = /\b(?:consider|try|use|pass|set|with|no|not|without)\b[^.]*--backend[= ]/;

/** True when a log line says that the diffusers backend runs. Colours and letter case do not matter. */
export function saysDiffusersBackend(line: string): boolean {
  const plain = stripVTControlCharacters(line).toLowerCase();
  return MARKS.some((mark) => plain.includes(mark)) || (CHOICE.test(plain) && !ADVICE.test(plain));
}

/**
 * Refuses traces of a run that fell back to diffusers: its kernels are not the engine's, so nothing
 * in the trace is evidence about the engine.
 *
 * @param logs server logs the user named
 * @param traces trace files or directories; logs and server arguments beside them, one folder up and
 *   in `logs` of either are read as well
 * @throws {TriageError} `refused/diffusers-backend` (exit 6) quoting the first such line;
 *   `log/unreadable` when a named log cannot be read.
 */
export async function refuseDiffusersRuns(
  logs: readonly string[],
  traces: readonly string[],
): Promise<void> {
  const line = await findDiffusersLine(logs, traces);
  if (line === null) return;
  throw diffusersRefusal(`"${line.text}"`, `${line.file}:${line.line}`);
}

/** The first line, in order of the logs, that says the diffusers backend runs. */
async function findDiffusersLine(
  logs: readonly string[],
  traces: readonly string[],
): Promise<LogLine | null> {
  for (const log of logs) {
    const found = await scanLog(log).catch((cause: unknown) => {
      throw unreadable(log, cause);
    });
    if (found !== null) return found;
  }
  for (const log of await logsBeside(traces)) {
    // A stray log that may not be read is no reason to refuse the trace.
    const found = await scanLog(log).catch(() => null);
    if (found !== null) return found;
  }
  return null;
}

async function scanLog(file: string): Promise<LogLine | null> {
  // Opening a pipe waits for its other end.
  if (!(await stat(file)).isFile()) throw new Error("it is no file");
  return (await namesBackend(file)) ? firstLine(file) : null;
}

/** Whether the word of all marks stands in a log. It hardly ever does, and lines take many times as long as chunks. */
async function namesBackend(file: string): Promise<boolean> {
  let before = "";
  for await (const chunk of textOf(file)) {
    const text = before + chunk;
    if (stripVTControlCharacters(text).toLowerCase().includes(WORD)) return true;
    before = text.slice(-REACH);
  }
  return false;
}

/** Letters that the word may take with colours in it, where two chunks part it. */
const REACH = 1024;

async function firstLine(file: string): Promise<LogLine | null> {
  const input = Readable.from(textOf(file));
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number++;
      const plain = stripVTControlCharacters(line).trim();
      if (saysDiffusersBackend(line)) return { file, line: number, text: excerpt(plain) };
    }
  } finally {
    input.destroy();
  }
  return null;
}

/** All arguments of a server may stand in one line. */
function excerpt(line: string): string {
  if (line.length <= LONGEST) return line;
  const at = Math.max(0, line.toLowerCase().indexOf(WORD) - LONGEST / 2);
  return `…${line.slice(at, at + LONGEST)}…`;
}

const LONGEST = 240;

/** A log's text in pieces: unpacked when it is gzip, as UTF-16 where its first bytes say so, else as UTF-8. */
async function* textOf(file: string): AsyncGenerator<string> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  const isPacked = (await headOf(file)).subarray(0, 2).equals(GZIP);
  const content = isPacked ? stream.pipe(createGunzip()) : stream;
  if (content !== stream) stream.on("error", (error) => content.destroy(error));
  let decoder: TextDecoder | null = null;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      decoder ??= new TextDecoder(encodingOf(chunk));
      yield decoder.decode(chunk, { stream: true });
    }
  } finally {
    stream.destroy();
  }
}

const GZIP = Buffer.from([0x1f, 0x8b]);

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** By the byte order mark, and without one by where the zeros of plain letters stand. */
function encodingOf(head: Buffer): "utf-16le" | "utf-16be" | "utf-8" {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (head.length >= 2 && first !== 0 && second === 0) return "utf-16le";
  return head.length >= 2 && first === 0 && second !== 0 ? "utf-16be" : "utf-8";
}

/** server.log, server.log.1, log.txt.gz, nohup.out, slurm-12.out, job.err, stderr, stderr.txt, server_args.json … */
const LOG_NAME =
  /(?:\.log|\.out|\.err|\.stderr|\.stdout|(?:^|[._-])(?:log|stderr|stdout)(?:\.txt)?|server[\w-]*\.txt)(?:[.-]\d[\d-]*)?(?:\.gz)?$|^server_args\.json$/i;
/** A folder of a job may hold the logs of hundreds. */
const MOST_LOGS = 200;

async function logsBeside(traces: readonly string[]): Promise<string[]> {
  const folders = new Set<string>();
  for (const trace of traces) {
    const info = await stat(trace).catch(() => null);
    const folder = info?.isDirectory() ? resolve(trace) : dirname(resolve(trace));
    folders.add(folder).add(dirname(folder));
  }
  for (const folder of [...folders]) folders.add(join(folder, "logs")).add(join(folder, "log"));
  const logs: string[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort())
      if (LOG_NAME.test(name) && logs.length < MOST_LOGS) logs.push(join(folder, name));
  }
  return logs;
}

function unreadable(log: string, cause: unknown): TriageError {
  return new TriageError({
    code: "log/unreadable",
    exit: EXIT.unreadable,
    message: `the server log cannot be read: ${cause instanceof Error ? cause.message : cause}`,
    place: log,
    hint: "Check the path given with --server-log.",
    cause,
  });
}
