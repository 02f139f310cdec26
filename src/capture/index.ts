import { join, resolve } from "node:path";
import { EXIT, TriageError } from "../model/errors.ts";
import { captureError } from "./capture-error.ts";
import {
  type CaptureContext,
  type CaptureHooks,
  type CaptureOptions,
  type CaptureResult,
  contextOf,
} from "./capture-options.ts";
import type { ServerLink } from "./net/server-link.ts";
import {
  CAPTURE_FILE,
  type CaptureRecord,
  newRecord,
  readRecord,
  writeRecord,
} from "./run/capture-record.ts";
import { resultOf } from "./run/capture-result.ts";
import { captureStage, describeFailure, type RunContext } from "./run/capture-stage.ts";
import { finishStage, type OutputContext, takeIn } from "./run/finish-stage.ts";
import { type CaptureTargets, planTargets } from "./run/plan-targets.ts";
import { prepareDirectory } from "./run/prepare-directory.ts";
import type { LoadTarget } from "./run/send-load.ts";
import { writeServerArgs } from "./run/server-args-file.ts";
import { takenBy } from "./run/taken-options.ts";
import { named, type ServerDriver } from "./server-driver.ts";
import { driverFor } from "./servers/index.ts";
import { collectTraces } from "./traces/collect-traces.ts";
import { findLateTraces } from "./traces/late-traces.ts";
import { ContextLimitError, planWorkload, type WorkloadPlan } from "./workload.ts";

/**
 * Profiles a running server: recognises it, sends a workload, and waits until every rank's trace is
 * whole. Writes `server_args.json` and `capture.json` at the root of `options.output` and each
 * stage's traces in a directory of its own.
 *
 * Only profiles that this run started are stopped, and those always are, also when interrupted.
 *
 * @throws {TriageError} `capture/…` (exit 5) when any recorded stage is not whole; `capture.json`
 *   then says what was found, and `resumeCapture` can take up a broken wait.
 */
export async function captureRun(
  options: CaptureOptions,
  hooks: CaptureHooks = {},
): Promise<CaptureResult> {
  const context = contextOf(hooks);
  const asked = withAbsolutePaths(options);
  return interruptible(context, async () => {
    const targets = await planTargets(asked, context);
    const { options: resolved, notes } = takenBy(targets.load.driver, asked);
    const { driver, facts, link, evidence } = targets.load;
    report(context, `${named(driver.title, facts.version)} at ${link.url}: ${evidence}`);
    const plan = planRequests(resolved, targets, context);
    const load = loadTarget(resolved, targets);
    await checkProfilers(targets, plan);
    await prepareDirectory(resolved.output);
    await writeServerArgs(
      resolved.output,
      targets.control(plan.loads[0]!.stage).facts,
      options.apiKey,
    );
    const record = newRecord({
      framework: driver.id,
      evidence,
      url: link.url,
      model: facts.model,
      version: facts.version,
      envTrace: resolved.envTrace,
      startedAt: context.clock.date().toISOString(),
    });
    record.notes.push(...options.remarks, ...notes, ...plan.notes);
    const run = { options: resolved, context, record };
    return recorded(run, async () => {
      for (const stage of plan.loads)
        await captureStage(run, targets.control(stage.stage), load, stage);
      await takeInLate(run, driver);
      return resultOf(run);
    });
  });
}

/**
 * Takes up the wait of a capture whose traces did not come in time. Nothing is recorded again.
 *
 * @throws {TriageError} as {@link captureRun}; `capture/no-record` where there was none.
 */
export async function resumeCapture(
  options: Pick<CaptureOptions, "output" | "apiKey" | "timeouts">,
  hooks: CaptureHooks = {},
): Promise<CaptureResult> {
  const context = contextOf(hooks);
  const output = resolve(options.output);
  const record = await readRecord(output);
  const driver = driverFor(record.framework, record.envTrace);
  const run = { options: { ...options, output }, context, record };
  const waiting = record.stages.filter(({ status }) => status === "waiting");
  if (waiting.length === 0 && record.status !== "complete") throw nothingToResume(output, record);
  return interruptible(context, async () => {
    return recorded(run, async () => {
      for (const stage of waiting) {
        const link: ServerLink = {
          url: stage.controlUrl,
          // The record names the address, not the user; whether anybody answers is told without a key.
          apiKey: null,
          workerUrl: null,
          ...context,
        };
        await finishStage(run, stage, { driver, link }, null);
      }
      return resultOf(run);
    });
  });
}

function withAbsolutePaths(options: CaptureOptions): CaptureOptions {
  const absolute = (path: string | null) => (path === null ? null : resolve(path));
  return {
    ...options,
    output: resolve(options.output),
    traceDir: absolute(options.traceDir),
    prefillTraceDir: absolute(options.prefillTraceDir),
    decodeTraceDir: absolute(options.decodeTraceDir),
    envTrace: absolute(options.envTrace),
  };
}

function report(context: CaptureContext, message: string): void {
  context.report({ phase: "recognise", stage: null, message });
}

function planRequests(
  options: CaptureOptions,
  { load }: CaptureTargets,
  context: CaptureContext,
): WorkloadPlan {
  try {
    // Seconds of the start keep the prompts of two runs apart, for prefix caches outlive a run.
    const salt = Math.floor(context.clock.date().getTime() / 1000);
    return planWorkload(options.workload, load.driver, load.facts.contextLimit, salt);
  } catch (cause) {
    if (!(cause instanceof ContextLimitError)) throw cause;
    throw new TriageError({
      code: "capture/context-limit",
      exit: EXIT.usage,
      message: cause.message,
      place: load.link.url,
      hint: "Choose a shorter --prefill-input-len or --decode-output-len.",
    });
  }
}

function loadTarget(options: CaptureOptions, { load }: CaptureTargets): LoadTarget {
  const modelId = options.modelId ?? load.facts.modelIds[0] ?? null;
  if (modelId === null && load.driver.id !== "sglang") {
    const hint = "Wait until it serves a model, or name it with --model-id.";
    throw captureError("rejected", `no models at ${load.link.url}/v1/models`, hint);
  }
  const timeoutMs = options.timeouts.request * 1000;
  const { driver, link, facts } = load;
  return { driver, link, modelId: modelId ?? "", contextLimit: facts.contextLimit, timeoutMs };
}

async function checkProfilers(targets: CaptureTargets, plan: WorkloadPlan): Promise<void> {
  for (const { stage } of plan.loads) {
    const { driver, link } = targets.control(stage);
    const failure = await driver.checkProfiling(link);
    if (failure !== null)
      throw captureError(failure.reason, failure.message, failure.hint, { place: link.url });
  }
}

/** Keeps the record true to how the run ended. */
async function recorded<T>(
  { context, options, record }: OutputContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    record.status = "complete";
    record.failure = null;
    return result;
  } catch (error) {
    record.status = "failed";
    record.failure = describeFailure(context.signal?.aborted ? interrupted(error) : error);
    throw error;
  } finally {
    record.finishedAt = context.clock.date().toISOString();
    await writeRecord(options.output, record);
  }
}

async function interruptible<T>(context: CaptureContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw context.signal?.aborted ? interrupted(error) : error;
  }
}

function interrupted(cause: unknown): TriageError {
  const hint =
    "A profile of ours was asked to stop; what was written stays in the output directory.";
  return captureError("interrupted", "the capture was interrupted", hint, { cause });
}

async function takeInLate(run: RunContext, driver: ServerDriver): Promise<void> {
  const { record, options } = run;
  for (const [index, stage] of record.stages.entries()) {
    const next = record.stages[index + 1];
    const late = next === undefined ? [] : await findLateTraces(stage, next, driver);
    if (late.length === 0) continue;
    takeIn(
      run,
      stage,
      await collectTraces(late, join(options.output, stage.directory), options.output),
    );
    record.notes.push(
      `${late.length} trace of the ${stage.stage} stage came late and was taken in.`,
    );
  }
}

function nothingToResume(output: string, { stages }: CaptureRecord): TriageError {
  const whole = stages.flatMap(({ files }) => files);
  const cut = stages.flatMap(({ incomplete }) => incomplete);
  const left =
    whole.length + cut.length === 0
      ? ""
      : ` What it left can be triaged: ${[...whole, ...cut].map(({ path }) => resolve(output, path)).join(", ")}${cut.length > 0 ? " (cut traces up to the cut)" : ""}.`;
  return new TriageError({
    code: "capture/nothing-to-resume",
    exit: EXIT.usage,
    message: "no stage of this capture is waiting for traces",
    place: join(output, CAPTURE_FILE),
    hint: `Capture again; only a wait can be taken up, not a recording.${left}`,
  });
}
