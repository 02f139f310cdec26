import type { OutsideSteps } from "../../model/contracts/report.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import { NO_ROW, toUs } from "../../model/trace/units.ts";

/** GPU work of a stage that is in no step; null where there is none, or no step. */
export function outsideSteps(graph: KernelGraph, { events }: StageGraph): OutsideSteps | null {
  const { gpu } = graph.trace;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of events) {
    if (graph.stepOf[row]! < 0) continue;
    first = Math.min(first, gpu.start[row]!);
    last = Math.max(last, gpuEnd(gpu, row));
  }
  if (last < first) return null;
  const ns = { before: 0, between: 0, after: 0, unlaunched: 0 };
  let count = 0;
  let unlaunched = 0;
  for (const row of events) {
    if (graph.stepOf[row]! >= 0) continue;
    count++;
    if (graph.launchOf[row] === NO_ROW) {
      unlaunched++;
      ns.unlaunched += gpu.duration[row]!;
    }
    const start = gpu.start[row]!;
    ns[start < first ? "before" : start < last ? "between" : "after"] += gpu.duration[row]!;
  }
  if (count === 0) return null;
  return {
    events: count,
    unlaunchedEvents: unlaunched,
    unlaunchedUs: toUs(ns.unlaunched),
    beforeUs: toUs(ns.before),
    betweenUs: toUs(ns.between),
    afterUs: toUs(ns.after),
  };
}
