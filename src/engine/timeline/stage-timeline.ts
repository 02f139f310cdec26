import type { KernelGraph, StageGraph } from "../../model/kernel-graph.ts";
import type { StepTimes, TimelineReport } from "../../model/report.ts";
import { GPU_KIND, gpuEnd } from "../../model/trace.ts";
import { toUs } from "../../model/units.ts";
import { type Gap, type GapJudge, gapJudge, idleCauses } from "./idle-causes.ts";
import {
  coveredPart,
  type Intervals,
  lengthOf,
  overlapOf,
  UnionBuilder,
  union,
} from "./intervals.ts";
import { StepSums } from "./step-times.ts";

/** Categories whose time is spent between GPUs. The ids are the vocabulary's (`rules/lib`). */
export const COMMUNICATION_CATEGORIES: ReadonlySet<string> = new Set([
  "communication",
  "dispatch-combine",
]);

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
): { readonly timeline: TimelineReport; readonly stepTimes: StepTimes | null } {
  const { trace } = graph;
  const { gpu } = trace;
  const unions = {
    compute: new UnionBuilder(),
    communication: new UnionBuilder(),
    memory: new UnionBuilder(),
    busy: new UnionBuilder(),
  };
  const isCommunication = graph.symbols.map((symbol) =>
    COMMUNICATION_CATEGORIES.has(symbol.category),
  );
  const gaps: Gap[] = [];
  const steps = new StepSums(graph.steps.length);
  let gpuTime = 0;
  let end = stage.events.length === 0 ? 0 : gpu.start[stage.events[0]!]!;
  const first = end;
  for (const row of stage.events) {
    const start = gpu.start[row]!;
    const kind = gpu.kind[row]!;
    if (start > end) gaps.push({ start: end, end: start, next: row });
    const busy = Math.max(0, gpuEnd(gpu, row) - Math.max(start, end));
    steps.addEvent(graph.stepOf[row]!, gpu.duration[row]!, busy);
    end = Math.max(end, gpuEnd(gpu, row));
    gpuTime += gpu.duration[row]!;
    unions.busy.add(start, gpuEnd(gpu, row));
    if (kind !== GPU_KIND.kernel) unions.memory.add(start, gpuEnd(gpu, row));
    else if (isCommunication[graph.symbolOf[row]!]!)
      unions.communication.add(start, gpuEnd(gpu, row));
    else unions.compute.add(start, gpuEnd(gpu, row));
  }
  const compute = unions.compute.build();
  const communication = unions.communication.build();
  const memory = unions.memory.build();
  const idle = withoutOtherStages(graph, stage, gaps);
  const busyNs = lengthOf(unions.busy.build());
  const idleNs = idle.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  for (const gap of idle) steps.addIdle(graph.stepOf[gap.next]!, gap.end - gap.start);
  if (communication.length > 0) addExposedComm(graph, stage, isCommunication, compute, steps);
  const isAlone = graph.stages.length < 2;
  const computeOrComm = union(compute, communication);
  const timeline: TimelineReport = {
    totalUs: toUs(isAlone ? end - first : busyNs + idleNs),
    busyUs: toUs(busyNs),
    idleUs: toUs(idleNs),
    computeUs: toUs(lengthOf(compute)),
    commUs: toUs(lengthOf(communication)),
    exposedCommUs: toUs(lengthOf(communication) - overlapOf(communication, compute)),
    memoryUs: toUs(lengthOf(memory)),
    exposedMemoryUs: toUs(lengthOf(memory) - overlapOf(memory, computeOrComm)),
    gpuTimeUs: toUs(gpuTime),
    idleCauses: idleCauses(graph, idle, judge).map(({ cause, ns, note }) => ({
      cause,
      us: toUs(ns),
      note,
    })),
  };
  return { timeline, stepTimes: steps.build() };
}

/** Communication that no computation hides, step by step; of two that overlap the first has it. */
function addExposedComm(
  graph: KernelGraph,
  { events }: StageGraph,
  isCommunication: readonly boolean[],
  compute: Intervals,
  steps: StepSums,
): void {
  const { gpu } = graph.trace;
  let end = 0;
  for (const row of events) {
    if (gpu.kind[row] !== GPU_KIND.kernel || !isCommunication[graph.symbolOf[row]!]!) continue;
    const from = Math.max(gpu.start[row]!, end);
    end = Math.max(end, gpuEnd(gpu, row));
    if (end > from)
      steps.addExposedComm(graph.stepOf[row]!, end - from - coveredPart(compute, from, end));
  }
}

/** What is left of the gaps when other stages' stretches inside them are taken out. */
function withoutOtherStages(
  graph: KernelGraph,
  stage: StageGraph,
  gaps: readonly Gap[],
): readonly Gap[] {
  if (graph.stages.length < 2) return gaps;
  const others = otherStages(graph, stage);
  return gaps.flatMap((gap) => {
    const stretch = stretchInside(others, gap);
    if (stretch === null) return [gap];
    return [
      { ...gap, end: stretch.start },
      { ...gap, start: stretch.end },
    ].filter((rest) => rest.end > rest.start);
  });
}

function otherStages(graph: KernelGraph, stage: StageGraph): Intervals {
  const { gpu } = graph.trace;
  const isOwn = new Uint8Array(gpu.count);
  for (const row of stage.events) isOwn[row] = 1;
  const others = new UnionBuilder();
  for (let row = 0; row < gpu.count; row++)
    if (isOwn[row] === 0) others.add(gpu.start[row]!, gpuEnd(gpu, row));
  return others.build();
}

/** From the first to the last moment at which any of `intervals` runs inside the gap. */
function stretchInside(
  intervals: Intervals,
  gap: Gap,
): { readonly start: number; readonly end: number } | null {
  let low = 0;
  let high = intervals.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[2 * middle + 1]! <= gap.start) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (2 * last < intervals.length && intervals[2 * last]! < gap.end) last++;
  if (last === low) return null;
  return {
    start: Math.max(gap.start, intervals[2 * low]!),
    end: Math.min(gap.end, intervals[2 * last - 1]!),
  };
}
