import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
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

/** True when a log line says that the diffusers backend runs. Colours and letter case do not matter. */
export function saysDiffusersBackend(line: string): boolean {
  const plain = stripVTControlCharacters(line).toLowerCase();
  return MARKS.some((mark) => plain.includes(mark));
}

/**
 * Refuses traces of a run that fell back to diffusers: its kernels are not the engine's, so nothing
 * in the trace is evidence about the engine.
 *
 * @param logs server logs the user named
 * @param traces trace files or directories; `*.log` beside them and one folder up is read as well
 * @throws {TriageError} `refused/diffusers-backend` (exit 6) quoting the first such line;
 *   `log/unreadable` when a named log cannot be read.
 */
export async function refuseDiffusersRuns(
  logs: readonly string[],
  traces: readonly string[],
): Promise<void> {
  const line = await findDiffusersLine(logs, traces);
  if (line === null) return;
  throw new TriageError({
    code: "refused/diffusers-backend",
    exit: EXIT.refused,
    message: `the server ran the diffusers backend: "${line.text}"`,
    place: `${line.file}:${line.line}`,
    hint: "This is a backend-selection issue, not something kernels can tell: make the engine serve the model natively (a supported pipeline class, no quantised checkpoint, no --backend diffusers), then record again.",
  });
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
  const input = createReadStream(file, { encoding: "utf8", highWaterMark: 1 << 20 });
  let before = "";
  for await (const chunk of input) {
    const text = before + chunk;
    if (stripVTControlCharacters(text).toLowerCase().includes(WORD)) return true;
    before = text.slice(-REACH);
  }
  return false;
}

/** Letters that the word may take with colours in it, where two chunks part it. */
const REACH = 1024;

async function firstLine(file: string): Promise<LogLine | null> {
  const input = createReadStream(file, "utf8");
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number++;
      if (saysDiffusersBackend(line))
        return { file, line: number, text: stripVTControlCharacters(line).trim() };
    }
  } finally {
    input.destroy();
  }
  return null;
}

async function logsBeside(traces: readonly string[]): Promise<string[]> {
  const folders = new Set<string>();
  for (const trace of traces) {
    const info = await stat(trace).catch(() => null);
    const folder = info?.isDirectory() ? resolve(trace) : dirname(resolve(trace));
    folders.add(folder).add(dirname(folder));
  }
  const logs = new Set<string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort()) if (/\.log$/i.test(name)) logs.add(join(folder, name));
  }
  return [...logs];
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
