import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";

/** GPU time of a stage: its events' durations added up, however they overlap. */
export function stageNs({ trace: { gpu } }: KernelGraph, { events }: StageGraph): Nanoseconds {
  let total = 0;
  for (let entry = 0; entry < events.length; entry++) total += gpu.duration[events[entry]!]!;
  return total;
}
