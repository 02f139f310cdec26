import { dirname, join, relative } from "node:path";
import { TriageError } from "../model/errors.ts";
import type { CaptureContext, CaptureOptions } from "./capture-options.ts";
import type { CaptureRecord, StageRecord } from "./capture-record.ts";
import { writeRecord } from "./capture-record.ts";
import { withTicks } from "./clock.ts";
import { collectTraces } from "./collect-traces.ts";
import { failureOfWait, withLeftovers } from "./conclude-wait.ts";
import { sameMark, snapshotDirectory } from "./directory-snapshot.ts";
import { prepareDirectory } from "./prepare-directory.ts";
import type { RecognisedServer } from "./recognise-server.ts";
import { type LoadTarget, sendLoad, sendProbe } from "./send-load.ts";
import type { ServerDriver, ServerFacts, StopOutcome } from "./server-driver.ts";
import { getFrom, type ServerLink } from "./server-link.ts";
import { recordSession } from "./session.ts";
import { type FoundTrace, waitForTraces } from "./wait-for-traces.ts";
import type { StageLoad } from "./workload.ts";

/** What waiting needs, also when a run is taken up again. */
export interface OutputContext {
  readonly options: Pick<CaptureOptions, "output" | "timeouts">;
  readonly context: CaptureContext;
  readonly record: CaptureRecord;
}

/** What the stages of a run share. */
export interface RunContext extends OutputContext {
  readonly options: CaptureOptions;
}

/**
 * Records one stage: warm up, start, send the load, stop, wait for whole traces, collect them.
 * The run's record is kept current, so that a broken wait can be taken up again.
 *
 * @throws {TriageError} `capture/…`; the stage's record then says how far it came.
 */
export async function captureStage(
  run: RunContext,
  control: RecognisedServer,
  load: LoadTarget,
  plan: StageLoad,
): Promise<void> {
  const { options, context, record } = run;
  const stage = await newStage(run, control, plan);
  const say = (phase: "warm-up" | "record" | "save", message: string) =>
    context.report({ phase, stage: plan.stage, message });
  say("warm-up", `warm-up: ${requests(plan.warmup.length)} to ${load.link.url}`);
  await sendLoad(
    load,
    plan.warmup.map((probe) => [probe]),
  );
  Object.assign(stage, { before: await snapshotDirectory(stage.traceDirectory) });
  record.stages.push(stage);
  await writeRecord(options.output, record);
  say(
    "record",
    `recording ${plan.windowSteps} steps at ${control.link.url} into ${stage.serverDirectory}`,
  );
  const session = {
    ...control,
    window: windowOf(options, stage, plan),
    nudge: (timeoutMs: number) =>
      sendProbe({ ...load, timeoutMs, link: { ...load.link, signal: null } }, NUDGE),
    startTimeoutMs: options.timeouts.start * 1000,
    stopTimeoutMs: options.timeouts.stop * 1000,
    progressMs: options.timeouts.progress * 1000,
    onProgress: (message: string) => say("save", message),
  };
  try {
    const end = await recordSession(session, async () => {
      stage.requests = await sendRecorded(run, load, plan);
    });
    stage.startedAtServer = end.startedAt;
    stage.stop = end.stop.kind === "failed" ? end.stop.message : end.stop.kind;
    stage.status = "waiting";
    await writeRecord(options.output, record);
    await finishStage(run, stage, control, end.stop);
  } catch (error) {
    if (stage.status !== "waiting") stage.status = "failed";
    await noteLeftovers(run, stage, control.driver);
    throw withLeftovers(error, stage, control.driver);
  }
}

const NUDGE = { prompt: "profile", outputTokens: 1 };

/** The requests of the window. Engines save in their loop, so an answer may take as long as a trace. */
async function sendRecorded(
  { options, context }: RunContext,
  load: LoadTarget,
  plan: StageLoad,
): Promise<StageRecord["requests"]> {
  const sent = await withTicks(
    context.clock,
    options.timeouts.progress * 1000,
    (seconds) => {
      const message = `waiting for answers; the server may be saving its traces (${seconds} s)`;
      context.report({ phase: "record", stage: plan.stage, message });
    },
    () => sendLoad(load, plan.recorded),
  );
  return sent.map(({ text: _, ...request }) => request);
}

function requests(count: number): string {
  return `${count} ${count === 1 ? "request" : "requests"}`;
}

async function newStage(
  { options }: RunContext,
  control: RecognisedServer,
  plan: StageLoad,
): Promise<StageRecord> {
  const { driver, facts, link } = control;
  const directory = join(options.output, plan.stage);
  const atLaunch = driver.directoryFrom === "launch";
  const traceDirectory = atLaunch ? launchDirectory(options, facts) : directory;
  await prepareDirectory(directory);
  const files = facts.traceFiles;
  return {
    stage: plan.stage,
    status: "recording",
    controlUrl: link.url,
    directory: plan.stage,
    traceDirectory,
    serverDirectory: atLaunch
      ? (facts.traceDirectory ?? traceDirectory)
      : join(options.serverOutput ?? options.output, plan.stage),
    before: {},
    expectedFiles: files !== null && options.profileByStage ? files * 2 : files,
    startedAtServer: null,
    askedSteps: plan.asked,
    steps: null,
    requests: [],
    stop: null,
    files: [],
    incomplete: [],
  };
}

/** Where a server that was told at launch writes, as seen here. */
function launchDirectory(options: CaptureOptions, facts: ServerFacts): string {
  if (options.envTrace !== null) return dirname(options.envTrace);
  return options.traceDir ?? facts.traceDirectory ?? options.output;
}

function windowOf(options: CaptureOptions, stage: StageRecord, plan: StageLoad) {
  return {
    directory: stage.serverDirectory,
    steps: plan.windowSteps,
    skip: plan.skipSteps,
    withStack: options.withStack,
    recordShapes: options.recordShapes,
    byStage: options.profileByStage,
    prefix: options.profilePrefix,
  };
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
  stage.files = [...stage.files, ...taken].sort((a, b) => (a.path < b.path ? -1 : 1));
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

/** After a failure: what lies in the directory but is no part of the result. */
async function noteLeftovers(
  { options, record }: OutputContext,
  stage: StageRecord,
  driver: ServerDriver,
): Promise<void> {
  if (stage.incomplete.length === 0 && stage.files.length === 0) {
    const now = await snapshotDirectory(stage.traceDirectory);
    stage.incomplete = Object.entries(now)
      .filter(
        ([name, mark]) => driver.traceFile(name) !== null && !sameMark(mark, stage.before[name]),
      )
      .map(([name, { size }]) => ({
        path: join(stage.traceDirectory, name),
        size,
        reason: "the capture failed before it was read",
      }));
  }
  await writeRecord(options.output, record);
}

export function describeFailure(error: unknown): CaptureRecord["failure"] {
  if (error instanceof TriageError)
    return { code: error.code, message: error.message, hint: error.hint };
  return { code: "internal", message: String(error), hint: "" };
}
