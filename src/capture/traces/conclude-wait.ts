import { basename } from "node:path";
import { TriageError } from "../../model/errors.ts";
import { captureError } from "../capture-error.ts";
import type { StageRecord } from "../run/capture-record.ts";
import type { ServerDriver, StopOutcome } from "../server-driver.ts";
import type { FoundTrace, WaitOutcome } from "../wait-for-traces.ts";

interface WaitContext {
  readonly driver: ServerDriver;
  readonly stop: StopOutcome | null;
  readonly expected: number | null;
  /** Written by several processes at once, so broken JSON has a known cause. */
  readonly strict: boolean;
  readonly directory: string;
  readonly serverDirectory: string;
}

/** The error that a wait without all traces ends in; null when every trace is there and whole. */
export function failureOfWait(outcome: WaitOutcome, about: WaitContext): TriageError | null {
  if (outcome.ended === "all-files" || outcome.ended === "quiet") return null;
  if (outcome.ended === "corrupt") return corrupt(outcome, about);
  const died =
    outcome.ended === "server-died" ||
    (about.stop?.kind === "failed" && about.stop.reason === "died");
  if (died) return serverDied(outcome, about);
  if (outcome.incomplete.length > 0) return truncated(outcome);
  if (about.stop?.kind === "failed")
    return captureError(about.stop.reason, about.stop.message, about.stop.hint);
  if (outcome.complete.length === 0) return nothingWritten(outcome, about);
  return missingRanks(outcome, about);
}

function corrupt(outcome: WaitOutcome, about: WaitContext): TriageError {
  const bad = outcome.incomplete.find(({ verdict }) => verdict.state === "corrupt");
  const cause = about.strict
    ? "Releases of this age let every rank write the same file: run on one rank, or use an override that limits tracing to rank 0 (triage override-trtllm)."
    : "The file itself is damaged: check the disk, then record again.";
  return captureError(
    "corrupt",
    `the trace ${nameOf(bad)} is damaged: ${bad?.verdict.reason ?? "unreadable"}`,
    cause,
    { place: bad?.path ?? about.directory },
  );
}

function serverDied(outcome: WaitOutcome, about: WaitContext): TriageError {
  return captureError(
    "died",
    `the server died while saving its traces; ${leftBehind(outcome.complete, outcome.incomplete)}`,
    `See its log. ${diedHint(about.driver, about.serverDirectory)}`,
    { place: about.directory },
  );
}

function leftBehind(
  whole: readonly { readonly path: string }[],
  cut: readonly { readonly path: string; readonly size: number }[],
): string {
  if (whole.length + cut.length === 0) return "it left no trace";
  const files = [
    ...whole.map(({ path }) => `${basename(path)} (whole)`),
    ...cut.map(({ path, size }) => `${basename(path)} (cut at ${size} bytes)`),
  ];
  return `it left ${files.join(", ")}`;
}

function diedHint(driver: ServerDriver, serverDirectory: string): string {
  return `${driver.title} may end when it cannot save: may the user it runs as write ${serverDirectory}?`;
}

/**
 * A server that died under a request may have died while saving, for engines save in the loop that
 * also answers. Then the error tells what it left; other errors stay as they are.
 */
export function withLeftovers(error: unknown, stage: StageRecord, driver: ServerDriver): unknown {
  if (!(error instanceof TriageError) || error.code !== "capture/died") return error;
  if (/; it left /.test(error.message)) return error;
  const message = `${error.message}; ${leftBehind(stage.files, stage.incomplete)}`;
  const hint = `${error.hint} ${diedHint(driver, stage.serverDirectory)}`;
  return captureError("died", message, hint, { place: error.place, cause: error });
}

function truncated(outcome: WaitOutcome): TriageError {
  const cut = outcome.incomplete
    .map(({ path, size, verdict }) => `${basename(path)} (${size} bytes, ${verdict.reason})`)
    .join(", ");
  return captureError(
    "truncated",
    `after ${outcome.seconds} s the trace is still truncated: ${cut}`,
    "If the server is still saving, take the wait up again with --resume; else it died or its disk is full: see its log.",
    { place: outcome.incomplete[0]?.path ?? null },
  );
}

function nothingWritten(outcome: WaitOutcome, about: WaitContext): TriageError {
  const there = about.serverDirectory;
  const here = about.directory === there ? "" : `, seen here as ${about.directory}`;
  const where =
    about.driver.directoryFrom === "request"
      ? `the server was told to write to ${there}${here}`
      : `traces were expected in ${about.directory}`;
  return captureError(
    "nothing-written",
    `no trace appeared within ${outcome.seconds} s: ${where}`,
    about.driver.nothingWrittenHint,
    { place: about.directory },
  );
}

function missingRanks(outcome: WaitOutcome, about: WaitContext): TriageError {
  const ranks = outcome.complete.map(({ name }) => name.rank ?? "?").join(", ");
  return captureError(
    "missing-ranks",
    `after ${outcome.seconds} s only ${outcome.complete.length} of ${about.expected} traces appeared (rank ${ranks})`,
    "The whole ones can be triaged as they are; ranks on other hosts write there unless the directory is shared.",
    { place: about.directory },
  );
}

function nameOf(trace: FoundTrace | undefined): string {
  return trace === undefined ? "" : basename(trace.path);
}
