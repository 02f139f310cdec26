import type { FrameworkProfile, StageName, StepRequests } from "../../model/framework.ts";
import { STAGES } from "../../model/framework.ts";
import type { Step } from "../../model/trace/kernel-graph.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import type { StageHint } from "../../model/trace/trace-selection.ts";
import { NO_ROW } from "../../model/trace/units.ts";
import { collapseSpans } from "./collapse-spans.ts";
import { annotatedSpans, frameSpans, type StageSpan } from "./step-spans.ts";
import { StepWindows, type Window, windowAt } from "./step-windows.ts";

export interface StepAssignment {
  readonly steps: readonly Step[];
  /** Per GPU row: index into steps, -1 when no step launched it. */
  readonly stepOf: Int32Array;
  /** Per GPU row: index into {@link STAGES}. */
  readonly stageOf: Uint8Array;
}

/**
 * Steps of a trace and the stage of every GPU event.
 *
 * A kernel belongs to the step whose host window launched it, however late it runs; where the
 * launch was not recorded, to the step whose GPU annotation covers it. What no step launched goes
 * to the only stage there is (an engine's `-DECODE` trace holds the sampling of decode steps), and
 * to `all` where there are several: between a prefill and a decode step nobody knows.
 *
 * @param hint asked only where neither annotations nor Python frames tell any stage.
 */
export function assignSteps(
  trace: Trace,
  profile: FrameworkProfile,
  launchOf: Int32Array,
  hint: StageHint | null,
): StepAssignment {
  const annotated = annotatedSpans(trace, profile, false);
  const isPart = (span: StageSpan) => span.step.isPart === true;
  const host = collapseSpans([
    ...annotated.filter((span) => !isPart(span)),
    ...frameSpans(trace, profile),
  ]);
  const steps = new StepList(host);
  const windows = new StepWindows(trace, host, annotated.filter(isPart));
  const stepOf = stepsByLaunch(trace, windows, launchOf);
  addStepsByGpuAnnotation(trace, profile, stepOf, steps);
  const told = [...new Set(steps.list.map((step) => step.stage))].filter(
    (stage) => stage !== "all",
  );
  const sole: StageName | null =
    told.length === 0 ? (hint?.stage ?? null) : told.length === 1 ? told[0]! : null;
  if (steps.list.length === 0) {
    steps.list.push(wholeTrace(trace, hint));
    stepOf.fill(0);
  }
  // A step that says no stage (an idle rank's, the profiler's own) is one of the only stage told.
  const named = steps.list.map((step) => {
    if (step.stage !== "all" || sole === null) return step;
    // What a step of an unknown mode does nobody knows, unless the file's name tells.
    if (step.isUnknown && told.length > 0) return step;
    return { ...step, stage: sole, from: told.length === 0 && hint ? hint.from : step.from };
  });
  const elsewhere = STAGES.indexOf(sole ?? "all");
  const stageOfStep = named.map((step) => STAGES.indexOf(step.stage));
  const stageOf = new Uint8Array(stepOf.length);
  for (let row = 0; row < stageOf.length; row++)
    stageOf[row] = stepOf[row]! < 0 ? elsewhere : stageOfStep[stepOf[row]!]!;
  return { steps: named, stepOf, stageOf };
}

class StepList {
  readonly list: Step[] = [];

  constructor(spans: readonly StageSpan[]) {
    for (const span of spans) this.add(span);
  }

  add(span: StageSpan): number {
    const { stage, batchSize, tokens, requests, phase, isUnknown } = span.step;
    return (
      this.list.push({
        index: this.list.length,
        stage,
        label: span.label,
        from: span.from,
        cpuStart: span.start,
        cpuEnd: span.end,
        batchSize,
        tokens,
        requests: requests ?? NOT_TOLD,
        phase: phase ?? null,
        isUnknown: isUnknown ?? false,
      }) - 1
    );
  }

  /** The step of that label begun last before `time`. */
  latest(label: string, time: number): number {
    return this.list.findLastIndex((step) => step.label === label && step.cpuStart <= time);
  }
}

function stepsByLaunch(trace: Trace, windows: StepWindows, launchOf: Int32Array): Int32Array {
  const { launches } = trace;
  return launchOf.map((launch) =>
    launch < 0 ? NO_ROW : windows.at(launches.thread[launch]!, launches.start[launch]!),
  );
}

/** GPU annotations stretch over the kernels a host span launched; they are all a cut trace may have. */
function addStepsByGpuAnnotation(
  trace: Trace,
  profile: FrameworkProfile,
  stepOf: Int32Array,
  steps: StepList,
): void {
  if (!stepOf.includes(NO_ROW)) return;
  const spans = collapseSpans(
    annotatedSpans(trace, profile, true).filter((span) => span.step.isPart !== true),
  );
  if (spans.length === 0) return;
  const windows = new Map<number, Window[]>();
  for (const span of spans.toSorted((a, b) => a.start - b.start || a.lane - b.lane)) {
    const known = steps.latest(span.label, span.start);
    const step = known >= 0 ? known : steps.add(span);
    const onStream = windows.get(span.lane) ?? [];
    onStream.push({ step, start: span.start, end: span.end });
    windows.set(span.lane, onStream);
  }
  for (let row = 0; row < stepOf.length; row++) {
    if (stepOf[row] === NO_ROW)
      stepOf[row] = windowAt(windows.get(trace.gpu.stream[row]!) ?? [], trace.gpu.start[row]!);
  }
}

function wholeTrace(trace: Trace, hint: StageHint | null): Step {
  let end = 0;
  for (let row = 0; row < trace.gpu.count; row++) end = Math.max(end, gpuEnd(trace.gpu, row));
  return {
    index: 0,
    stage: hint?.stage ?? "all",
    label: hint?.text ?? "whole trace",
    from: hint?.from ?? "whole-trace",
    cpuStart: trace.launches.start[0] ?? trace.gpu.start[0] ?? 0,
    cpuEnd: end,
    batchSize: null,
    tokens: null,
    requests: NOT_TOLD,
    phase: null,
    isUnknown: false,
  };
}

const NOT_TOLD: StepRequests = { context: null, contextTokens: null, generation: null };
