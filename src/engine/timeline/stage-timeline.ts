import type { StepTimes, TimelineReport } from "../../model/contracts/report.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, gpuEnd } from "../../model/trace/trace.ts";
import { type Row, toUs } from "../../model/trace/units.ts";
import { COMMUNICATION_CATEGORIES, WORK, type Work } from "../overlap/work-kind.ts";
import { Coverage } from "./coverage.ts";
import { type GapJudge, gapParts } from "./gap-parts.ts";
import { type IdleSpans, idleByCause, idleSpans } from "./idle-time.ts";
import { coveredPart, UnionBuilder } from "./intervals.ts";
import { type Gaps, stageGaps } from "./stage-gaps.ts";
import type { PerStep, StepSums } from "./step-times.ts";
import { walkSteps } from "./step-walk.ts";
import { stepsApart } from "./steps-apart.ts";

/** What a stage's time is measured to be, once: tables, excerpt, viewers and ranks read it. */
export interface StageTime {
  readonly timeline: TimelineReport;
  readonly stepTimes: StepTimes | null;
  readonly perStep: PerStep;
  readonly gaps: Gaps;
  readonly idle: IdleSpans;
}

/**
 * Where the GPU's time went in one stage, by interval union over all streams.
 *
 * Kernels of one stream may overlap (programmatic dependent launch), so durations add up to
 * `gpuTimeUs` while unions do not count anything twice. What is exposed is what no higher rank
 * hides: computation, then communication, then memory (copies and fills). Total runs from the first
 * start to the last end, without the stretches in which another stage had the GPU.
 *
 * @param piecesOf shared by the stages of one graph.
 */
export function stageTimeline(
  graph: KernelGraph,
  stage: StageGraph,
  piecesOf: GapJudge = gapParts(graph),
): StageTime {
  const { gpu } = graph.trace;
  const workOf = workByRow(graph);
  const gaps = stageGaps(graph, stage);
  const idle = idleSpans(gaps, piecesOf);
  const coverage = new Coverage();
  const steps = walkSteps(graph, stage, gaps);
  let idleNs = 0;
  for (let at = 0; at < gaps.count; at++) idleNs += gaps.end[at]! - gaps.start[at]!;
  let gpuTime = 0;
  const first = stage.events.length === 0 ? 0 : gpu.start[stage.events[0]!]!;
  let end = first;
  for (const row of stage.events) {
    const start = gpu.start[row]!;
    const rowEnd = gpuEnd(gpu, row);
    end = Math.max(end, rowEnd);
    gpuTime += rowEnd - start;
    coverage.add(workOf(row), start, rowEnd);
  }
  coverage.finish();
  if (coverage.commNs > 0) addExposedComm(graph, stage, workOf, steps);
  const perStep = steps.perStep();
  const isAlone = graph.stages.length < 2;
  const timeline: TimelineReport = {
    totalUs: toUs(isAlone ? end - first : coverage.busyNs + idleNs),
    busyUs: toUs(coverage.busyNs),
    idleUs: toUs(idleNs),
    computeUs: toUs(coverage.computeNs),
    commUs: toUs(coverage.commNs),
    exposedCommUs: toUs(coverage.exposedCommNs),
    memoryUs: toUs(coverage.memoryNs),
    exposedMemoryUs: toUs(coverage.exposedMemoryNs),
    gpuTimeUs: toUs(gpuTime),
    idleCauses: idleByCause(graph, gaps, idle).map(({ cause, ns, note }) => ({
      cause,
      us: toUs(ns),
      note,
    })),
    apart: stepsApart(graph, stage, perStep, gaps, idle),
  };
  return {
    timeline,
    stepTimes: steps.build(),
    perStep,
    gaps,
    idle,
  };
}

/** As {@link workOf} with categories looked up once, and copies for communication counted as memory. */
export function workByRow({ trace: { gpu }, symbols, symbolOf }: KernelGraph): (row: Row) => Work {
  const workOfSymbol = symbols.map(
    ({ category }): Work => (COMMUNICATION_CATEGORIES.has(category) ? WORK.comm : WORK.compute),
  );
  return (row) => (gpu.kind[row] === GPU_KIND.kernel ? workOfSymbol[symbolOf[row]!]! : WORK.memory);
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
