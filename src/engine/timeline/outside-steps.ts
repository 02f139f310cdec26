import type { OutsideSteps } from "../../model/contracts/report.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import { toUs } from "../../model/trace/units.ts";

/** GPU work that no step of a stage launched; null where there is none, or no step. */
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
  const ns = { before: 0, between: 0, after: 0 };
  let count = 0;
  for (const row of events) {
    if (graph.stepOf[row]! >= 0) continue;
    count++;
    const start = gpu.start[row]!;
    ns[start < first ? "before" : start < last ? "between" : "after"] += gpu.duration[row]!;
  }
  if (count === 0) return null;
  return {
    events: count,
    beforeUs: toUs(ns.before),
    betweenUs: toUs(ns.between),
    afterUs: toUs(ns.after),
  };
}
