import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { diffusersRefusal } from "../model/diffusers.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import { logLines, logPieces, TooLong } from "./log-text.ts";

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
const ADVISES = /\b(?:consider|try|use|pass|set|with|no|not|without)\b/;
const NAMES_OPTION = /--backend[= ]/;

/** True when a log line says that the diffusers backend runs. Colours and letter case do not matter. */
export function saysDiffusersBackend(line: string): boolean {
  const plain = stripVTControlCharacters(line).toLowerCase();
  return MARKS.some((mark) => plain.includes(mark)) || (CHOICE.test(plain) && !isAdvice(plain));
}

/** Advice to choose it is no choice. Sentence by sentence, so that a long line takes no longer than its length. */
function isAdvice(plain: string): boolean {
  return plain.split(".").some((sentence) => {
    const at = sentence.search(ADVISES);
    return at >= 0 && NAMES_OPTION.test(sentence.slice(at));
  });
}

/**
 * Refuses traces of a run that fell back to diffusers: its kernels are not the engine's, so nothing
 * in the trace is evidence about the engine.
 *
 * @param logs server logs the user named
 * @param traces trace files or directories; logs and server arguments beside them, one folder up and
 *   in `logs` of either are read as well
 * @returns remarks on logs that lie beside and were not read to their end
 * @throws {TriageError} `refused/diffusers-backend` (exit 6) quoting the first such line;
 *   `log/unreadable` when a named log cannot be read.
 */
export async function refuseDiffusersRuns(
  logs: readonly string[],
  traces: readonly string[],
): Promise<string[]> {
  const remarks: string[] = [];
  for (const log of logs)
    refuse(
      await scanLog(log, LARGEST_NAMED).catch((cause: unknown) => {
        throw unreadable(log, cause);
      }),
    );
  let left = MOST_BESIDE;
  for (const log of await logsBeside(traces)) {
    const reads = (bytes: number) => {
      left -= bytes;
    };
    // A stray log that may not be read is no reason to refuse the trace.
    const found = await scanLog(log, left, reads).catch((error: unknown) => {
      if (error instanceof TooLong)
        remarks.push(`${log} was not read to its end: with the logs beside it, it is too large.`);
      return null;
    });
    refuse(found);
  }
  return remarks;
}

/** Unpacked bytes of one log that the user named, and of all that lie beside: a few packed megabytes may stand for as many gigabytes. */
const LARGEST_NAMED = 4 * 2 ** 30;
const MOST_BESIDE = 2 ** 29;

function refuse(line: LogLine | null): void {
  if (line !== null) throw diffusersRefusal(`"${line.text}"`, `${line.file}:${line.line}`);
}

/** @throws {TooLong} when no line says so among the first `most` bytes */
async function scanLog(
  file: string,
  most: number,
  reads: (bytes: number) => void = () => {},
): Promise<LogLine | null> {
  return (await namesBackend(file, most, reads)) ? firstLine(file, most) : null;
}

/** Whether the word of all marks stands in a log. It hardly ever does, and lines take many times as long as chunks. */
async function namesBackend(
  file: string,
  most: number,
  reads: (bytes: number) => void,
): Promise<boolean> {
  let before = "";
  for await (const chunk of logPieces(file, most, reads)) {
    const text = before + chunk;
    if (stripVTControlCharacters(text).toLowerCase().includes(WORD)) return true;
    before = text.slice(-REACH);
  }
  return false;
}

/** Letters that the word may take with colours in it, where two chunks part it. */
const REACH = 1024;

async function firstLine(file: string, most: number): Promise<LogLine | null> {
  for await (const { number, text } of logLines(file, most)) {
    if (!saysDiffusersBackend(text)) continue;
    return { file, line: number, text: excerpt(stripVTControlCharacters(text).trim()) };
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
