import { dirname, join } from "node:path";
import { TriageError } from "../../model/errors.ts";
import type { CaptureOptions } from "../capture-options.ts";
import { withTicks } from "../net/clock.ts";
import type { RecognisedServer } from "../recognise-server.ts";
import type { ServerDriver, ServerFacts } from "../server-driver.ts";
import { recordSession } from "../session.ts";
import { withLeftovers } from "../traces/conclude-wait.ts";
import { sameMark, snapshotDirectory } from "../traces/directory-snapshot.ts";
import { fitToTokenizer, type StageLoad, shortened } from "../workload.ts";
import { type CaptureRecord, type StageRecord, writeRecord } from "./capture-record.ts";
import { finishStage, type OutputContext } from "./finish-stage.ts";
import { prepareDirectory } from "./prepare-directory.ts";
import { type LoadTarget, sendLoad, sendProbe } from "./send-load.ts";

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
  planned: StageLoad,
): Promise<void> {
  const { options, context, record } = run;
  const stage = await newStage(run, control, planned);
  const say = (phase: "record" | "save", message: string) =>
    context.report({ phase, stage: planned.stage, message });
  const plan = await warmUp(run, load, planned);
  Object.assign(stage, { before: await snapshotDirectory(stage.traceDirectory) });
  record.stages.push(stage);
  await writeRecord(options.output, record);
  const what = control.driver.boundsSteps
    ? `${plan.windowSteps} steps`
    : `all steps of ${requests(plan.recorded.flat().length)}`;
  say("record", `recording ${what} at ${control.link.url} into ${stage.serverDirectory}`);
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

/** Sends the warm-up and fits the recorded requests to what it shows of the model's tokenizer. */
async function warmUp(run: RunContext, target: LoadTarget, planned: StageLoad): Promise<StageLoad> {
  const message = `warm-up: ${requests(planned.warmup.length)} to ${target.link.url}`;
  run.context.report({ phase: "warm-up", stage: planned.stage, message });
  const { plan, sent } = await sendWarmUp(target, planned);
  const counted = sent.flatMap(({ promptTokens }) => promptTokens ?? []);
  const { load, note } = fitToTokenizer(plan, counted, target.contextLimit);
  if (note !== null) run.record.notes.push(note);
  return load;
}

/** A prompt that is too long for a tokenizer with more tokens than words is made shorter once. */
async function sendWarmUp(target: LoadTarget, plan: StageLoad) {
  const send = ({ warmup }: StageLoad) =>
    sendLoad(
      target,
      warmup.map((probe) => [probe]),
    );
  try {
    return { plan, sent: await send(plan) };
  } catch (error) {
    const isLength = error instanceof TriageError && error.code === "capture/context-limit";
    if (!isLength || plan.stage !== "prefill") throw error;
    const shorter = shortened(plan);
    return { plan: shorter, sent: await send(shorter) };
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
  const traceDirectory = atLaunch ? launchDirectory(options, facts, plan.stage) : directory;
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
function launchDirectory(
  options: CaptureOptions,
  facts: ServerFacts,
  stage: StageLoad["stage"],
): string {
  if (options.envTrace !== null) return dirname(options.envTrace);
  const ofWorker = { prefill: options.prefillTraceDir, decode: options.decodeTraceDir, all: null };
  return ofWorker[stage] ?? options.traceDir ?? facts.traceDirectory ?? options.output;
}

function windowOf(options: CaptureOptions, stage: StageRecord, plan: StageLoad) {
  return {
    stage: stage.stage,
    directory: stage.serverDirectory,
    steps: plan.windowSteps,
    skip: plan.skipSteps,
    withStack: options.withStack,
    recordShapes: options.recordShapes,
    byStage: options.profileByStage,
    prefix: options.profilePrefix,
  };
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
