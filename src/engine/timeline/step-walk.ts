import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import { type Gaps, stageGaps } from "./stage-gaps.ts";
import { StepSums } from "./step-times.ts";

/**
 * Adds up busy and idle time of a stage's steps from what the steps launched alone: a background
 * copy or another thread's kernel that happens to run meanwhile neither shortens nor fills a step.
 *
 * @param gaps those of all events of the stage.
 */
export function walkSteps(graph: KernelGraph, stage: StageGraph, gaps: Gaps): StepSums {
  const { gpu } = graph.trace;
  const isOwn = (row: Row): boolean => graph.stepOf[row]! >= 0;
  const own = stage.events.every(isOwn) ? stage.events : stage.events.filter(isOwn);
  const isBeside = graph.stages.length > 1 || own.length < stage.events.length;
  const ownGaps = isBeside ? stageGaps(graph, { ...stage, events: own }, isOwn) : gaps;
  const steps = new StepSums(graph.steps.length);
  for (let at = 0; at < ownGaps.count; at++)
    steps.addIdle(graph.stepOf[ownGaps.next[at]!]!, ownGaps.end[at]! - ownGaps.start[at]!);
  let end = own.length === 0 ? 0 : gpu.start[own[0]!]!;
  for (const row of own) {
    const [start, rowEnd] = [gpu.start[row]!, gpuEnd(gpu, row)];
    steps.addEvent(graph.stepOf[row]!, start, rowEnd, Math.max(0, rowEnd - Math.max(start, end)));
    end = Math.max(end, rowEnd);
  }
  return steps;
}
