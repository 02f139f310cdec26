import { EXIT, type ExitCode, TriageError } from "../../model/errors.ts";
import { inert } from "../../report/document/inert.ts";
import { span, type Tone } from "../../report/table.ts";
import { painter } from "../../report/text/paint.ts";
import { machineLimit } from "../process/machine-limits.ts";

/** Columns assumed where nobody tells: wide enough for names, narrow enough for a review comment. */
const DEFAULT_WIDTH = 120;

type Environment = Readonly<Record<string, string | undefined>>;

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What the two commands know about where they print. */
export interface Terminal {
  /** Columns for tables on stdout. */
  readonly width: number;
  readonly colorOut: boolean;
  readonly colorErr: boolean;
  /** A person watches stderr: progress bars make sense. */
  readonly isWatched: boolean;
  /** A program reads stderr (FUSE_TRIAGE_ERRORS=json): one line of JSON for each thing told there. */
  readonly errorsAsJson: boolean;
}

export function describeTerminal(
  env: Environment,
  stdout: OutputStream,
  stderr: OutputStream,
  noColor: boolean,
): Terminal {
  return {
    width: widthOf(env, stdout),
    colorOut: !noColor && wantsColor(env, stdout),
    colorErr: !noColor && wantsColor(env, stderr),
    isWatched: stderr.isTTY === true && !isSet(env.CI) && env.TERM !== "dumb",
    errorsAsJson: env.FUSE_TRIAGE_ERRORS === "json",
  };
}

/** The terminal of this process. */
export function openTerminal(noColor = false): Terminal {
  return describeTerminal(process.env, process.stdout, process.stderr, noColor);
}

function widthOf(env: Environment, stdout: OutputStream): number {
  if (stdout.isTTY === true && stdout.columns !== undefined && stdout.columns > 0)
    return stdout.columns;
  const columns = Number(env.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? columns : DEFAULT_WIDTH;
}

/** FORCE_COLOR outranks NO_COLOR, as in Node itself; both see https://no-color.org for their meaning. */
function wantsColor(env: Environment, stream: OutputStream): boolean {
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (isSet(env.NO_COLOR) || env.TERM === "dumb") return false;
  return stream.isTTY === true;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/** One line for stderr in the given tone, safe whatever it quotes. */
export function toned(text: string, tone: Tone, color: boolean): string {
  return painter(color)([span(text, tone)]);
}

/** Tells on stderr what is worth knowing and no trouble. */
export function remark(text: string, { colorErr }: Terminal): void {
  process.stderr.write(`${toned(text, "dim", colorErr)}\n`);
}

/** Tells on stderr what a gate or budget failed by. */
export function tellFailed(
  kind: "gate" | "budget",
  words: string,
  { colorErr, errorsAsJson }: Terminal,
): void {
  if (errorsAsJson) {
    process.stderr.write(`${JSON.stringify({ failed: { kind, words } })}\n`);
    return;
  }
  const label = toned(`${kind} failed:`, "bad", colorErr);
  process.stderr.write(`${label} ${toned(words, "plain", false)}\n`);
}

/** An error as whoever reads this terminal's stderr wants it: for a person, or as one line of JSON. */
export function errorFor(
  { colorErr, errorsAsJson }: Terminal,
  error: unknown,
): { text: string; exit: ExitCode } {
  if (!errorsAsJson) return describeError(error, colorErr);
  const { code, exit, message, place, hint } =
    error instanceof TriageError ? error : (machineLimit(error) ?? internalError(error));
  return { text: JSON.stringify({ error: { code, exit, message, place, hint } }), exit };
}

function internalError(error: unknown): TriageError {
  return new TriageError({
    code: "internal/unexpected",
    exit: EXIT.internal,
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: "This is a fault of the program, not of your input. Please report it.",
  });
}

/**
 * An error as people should read it: what, where, what to do, and the code to search for. What is
 * no TriageError is our fault and keeps its stack.
 */
export function describeError(error: unknown, color: boolean): { text: string; exit: ExitCode } {
  const label = toned("error:", "bad", color);
  const limit = error instanceof TriageError ? null : machineLimit(error);
  if (limit !== null) return describeError(limit, color);
  if (error instanceof TriageError) {
    const place = error.place === null ? [] : [`  at ${inert(error.place)}`];
    const lines = [
      `${label} ${inert(error.message)}`,
      ...place,
      `  do: ${inert(error.hint)}`,
      `  ${toned(`(${error.code})`, "dim", color)}`,
    ];
    return { text: lines.join("\n"), exit: error.exit };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = [
    `${label} unexpected failure`,
    ...stack.split("\n").map((line) => `  ${inert(line)}`),
    "This is a fault of the program, not of your input. Please report it with the command and the lines above.",
  ];
  return { text: lines.join("\n"), exit: EXIT.internal };
}
