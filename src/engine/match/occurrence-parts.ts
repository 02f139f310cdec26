import type { Occurrence } from "../../model/finding.ts";
import type { Pattern, PatternStep } from "../../model/rule.ts";
import { type GpuEvents, gpuEnd } from "../../model/trace/trace.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";

/** Steps of any pattern in written order; `Occurrence.rows` has one entry for each. */
export function stepsOfPattern(pattern: Pattern): readonly PatternStep[] {
  return pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
}

/** From the first start to the last end of an occurrence's kernels. */
export function occurrenceExtent(
  { rows }: Occurrence,
  gpu: GpuEvents,
): { readonly start: Nanoseconds; readonly end: Nanoseconds } {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const step of rows)
    for (const row of step) {
      start = Math.min(start, gpu.start[row]!);
      end = Math.max(end, gpuEnd(gpu, row));
    }
  return { start, end };
}
