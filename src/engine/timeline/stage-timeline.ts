import type { KernelGraph, StageGraph } from "../../model/kernel-graph.ts";
import type { StepTimes, TimelineReport } from "../../model/report.ts";
import { GPU_KIND, gpuEnd } from "../../model/trace.ts";
import { type Nanoseconds, type Row, toUs } from "../../model/units.ts";
import { COMMUNICATION_CATEGORIES, WORK, type Work } from "../overlap/work-kind.ts";
import { Coverage } from "./coverage.ts";
import { type GapJudge, gapJudge, IdleTime } from "./idle-causes.ts";
import { coveredPart, UnionBuilder } from "./intervals.ts";
import { OtherStages } from "./other-stages.ts";
import { type PerStep, StepSums } from "./step-times.ts";

/**
 * Where the GPU's time went in one stage, by interval union over all streams.
 *
 * Kernels of one stream may overlap (programmatic dependent launch), so durations add up to
 * `gpuTimeUs` while unions do not count anything twice. What is exposed is what no higher rank
 * hides: computation, then communication, then memory (copies and fills). Total runs from the first
 * start to the last end, without the stretches in which another stage had the GPU.
 */
export function stageTimeline(
  graph: KernelGraph,
  stage: StageGraph,
  judge: GapJudge = gapJudge(graph),
): {
  readonly timeline: TimelineReport;
  readonly stepTimes: StepTimes | null;
  readonly perStep: PerStep;
} {
  const { trace } = graph;
  const { gpu } = trace;
  const workOfSymbol = graph.symbols.map(
    ({ category }): Work => (COMMUNICATION_CATEGORIES.has(category) ? WORK.comm : WORK.compute),
  );
  const workOf = (row: Row): Work =>
    gpu.kind[row] === GPU_KIND.kernel ? workOfSymbol[graph.symbolOf[row]!]! : WORK.memory;
  const isAlone = graph.stages.length < 2;
  const others = isAlone ? null : new OtherStages(graph, stage);
  const coverage = new Coverage();
  const idle = new IdleTime(graph, judge);
  const steps = new StepSums(graph.steps.length);
  const addIdle = (start: Nanoseconds, end: Nanoseconds, next: Row): void => {
    if (end <= start) return;
    idle.add({ start, end, next });
    steps.addIdle(graph.stepOf[next]!, end - start);
  };
  let gpuTime = 0;
  const first = stage.events.length === 0 ? 0 : gpu.start[stage.events[0]!]!;
  let end = first;
  for (const row of stage.events) {
    const start = gpu.start[row]!;
    const rowEnd = gpuEnd(gpu, row);
    const stretch = start > end ? (others?.inside(end, start) ?? null) : null;
    if (stretch === null) addIdle(end, start, row);
    else {
      addIdle(end, stretch.start, row);
      addIdle(stretch.end, start, row);
    }
    const busy = Math.max(0, rowEnd - Math.max(start, end));
    steps.addEvent(graph.stepOf[row]!, gpu.duration[row]!, busy);
    end = Math.max(end, rowEnd);
    gpuTime += gpu.duration[row]!;
    coverage.add(workOf(row), start, rowEnd);
  }
  coverage.finish();
  if (coverage.commNs > 0) addExposedComm(graph, stage, workOf, steps);
  const timeline: TimelineReport = {
    totalUs: toUs(isAlone ? end - first : coverage.busyNs + idle.totalNs),
    busyUs: toUs(coverage.busyNs),
    idleUs: toUs(idle.totalNs),
    computeUs: toUs(coverage.computeNs),
    commUs: toUs(coverage.commNs),
    exposedCommUs: toUs(coverage.exposedCommNs),
    memoryUs: toUs(coverage.memoryNs),
    exposedMemoryUs: toUs(coverage.exposedMemoryNs),
    gpuTimeUs: toUs(gpuTime),
    idleCauses: idle.causes().map(({ cause, ns, note }) => ({ cause, us: toUs(ns), note })),
  };
  return {
    timeline,
    perStep: steps.perStep(),
    stepTimes: steps.build(stage.events.length === 0 ? -1 : graph.stepOf[stage.events[0]!]!),
  };
}

/** Communication that no computation hides, step by step; of two that overlap the first has it. */
function addExposedComm(
  graph: KernelGraph,
  { events }: StageGraph,
  workOf: (row: Row) => Work,
  steps: StepSums,
): void {
  const { gpu } = graph.trace;
  const computing = new UnionBuilder();
  for (const row of events)
    if (workOf(row) === WORK.compute) computing.add(gpu.start[row]!, gpuEnd(gpu, row));
  const compute = computing.build();
  let end = 0;
  for (const row of events) {
    if (workOf(row) !== WORK.comm) continue;
    const from = Math.max(gpu.start[row]!, end);
    end = Math.max(end, gpuEnd(gpu, row));
    if (end > from)
      steps.addExposedComm(graph.stepOf[row]!, end - from - coveredPart(compute, from, end));
  }
}
