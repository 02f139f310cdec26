import { join, relative } from "node:path";
import { compareText } from "../../base/compare-text.ts";
import type { CaptureContext, CaptureOptions } from "../capture-options.ts";
import { getFrom, type ServerLink } from "../net/server-link.ts";
import type { RecognisedServer } from "../recognise-server.ts";
import type { ServerDriver, StopOutcome } from "../server-driver.ts";
import { bringGraphCaptures } from "../traces/bring-file.ts";
import { collectTraces } from "../traces/collect-traces.ts";
import { failureOfWait } from "../traces/conclude-wait.ts";
import { type FoundTrace, waitForTraces } from "../wait-for-traces.ts";
import { type CaptureRecord, type StageRecord, writeRecord } from "./capture-record.ts";

/** What waiting needs, also when a run is taken up again. */
export interface OutputContext {
  readonly options: Pick<CaptureOptions, "output" | "timeouts">;
  readonly context: CaptureContext;
  readonly record: CaptureRecord;
}

/**
 * Waits for a recorded stage's traces and takes them in. Also the second half of a resumed run.
 *
 * @throws {TriageError} when they did not all come whole; the record lists what came.
 */
export async function finishStage(
  run: OutputContext,
  stage: StageRecord,
  server: Pick<RecognisedServer, "driver" | "link">,
  stop: StopOutcome | null,
): Promise<void> {
  const { options, context, record } = run;
  const { timeouts } = options;
  const strict = record.envTrace !== null;
  const prompt = stop?.kind === "stopped" && server.driver.stopAwaitsFiles;
  const outcome = await waitForTraces({
    directory: stage.traceDirectory,
    before: stage.before,
    accept: (name) => acceptFor(stage, server.driver, name),
    expected: stage.expectedFiles,
    strict,
    deadlineMs: timeouts.traces * 1000,
    nothingMs: (prompt ? timeouts.firstTrace : timeouts.traces) * 1000,
    pollMs: timeouts.poll * 1000,
    quietMs: timeouts.quiet * 1000,
    progressMs: timeouts.progress * 1000,
    server: () => answering(server.link),
    onProgress: (message) => context.report({ phase: "wait", stage: stage.stage, message }),
    clock: context.clock,
    signal: context.signal,
  });
  const complete = await collectTraces(
    outcome.complete,
    join(options.output, stage.directory),
    options.output,
  );
  stage.incomplete = outcome.incomplete.map(({ path, size, verdict }) => ({
    path,
    size,
    reason: verdict.reason,
  }));
  takeIn(run, stage, complete);
  await bringGraphCaptures(stage.traceDirectory, options.output);
  const failure = failureOfWait(outcome, {
    driver: server.driver,
    stop,
    expected: stage.expectedFiles,
    strict,
    directory: stage.traceDirectory,
    serverDirectory: stage.serverDirectory,
  });
  if (failure !== null) throw failure;
  stage.status = "complete";
  await writeRecord(options.output, record);
}

/** In a directory that stages share, a file from before the start belongs to the stage before. */
function acceptFor(stage: StageRecord, driver: ServerDriver, name: string) {
  const file = driver.traceFile(name);
  if (file === null || driver.directoryFrom === "request") return file;
  // The server's clock is told in whole seconds.
  const start = Math.floor((stage.startedAtServer ?? 0) / 1000) * 1000;
  return file.writtenAt !== null && file.writtenAt < start ? null : file;
}

async function answering(link: ServerLink): Promise<"answers" | "silent" | "dead"> {
  const { kind } = await getFrom(link, "/v1/models");
  return kind === "reply" ? "answers" : kind === "refused" ? "dead" : "silent";
}

/** Adds whole traces to the stage's record; its steps are those of the lowest rank. */
export function takeIn(
  { options }: OutputContext,
  stage: StageRecord,
  traces: readonly FoundTrace[],
): void {
  const taken = traces.map(({ path, name, size, verdict }) => ({
    path: relative(options.output, path),
    rank: name.rank,
    stage: name.stage,
    size,
    steps: verdict.steps,
  }));
  stage.files = [...stage.files, ...taken].sort((a, b) => compareText(a.path, b.path));
  const ranked = [...stage.files].sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity));
  const lowest = ranked.filter(({ rank }) => rank === ranked[0]?.rank);
  stage.steps = sumSteps(lowest.map(({ steps }) => steps));
}

function sumSteps(counts: readonly StageRecord["steps"][]): StageRecord["steps"] {
  const known = counts.filter((count) => count !== null);
  if (known.length === 0) return null;
  const sum = (kind: "prefill" | "decode" | "mixed") =>
    known.reduce((total, count) => total + count[kind], 0);
  return { prefill: sum("prefill"), decode: sum("decode"), mixed: sum("mixed") };
}
