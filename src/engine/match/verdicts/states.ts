import type { Occurrence } from "../../../model/finding.ts";
import type { StateName } from "../../../model/rule.ts";
import type { GpuEvents } from "../../../model/trace/trace.ts";
import type { Nanoseconds } from "../../../model/trace/units.ts";

export interface StateCounts {
  readonly active: number;
  readonly partial: number;
  readonly split: number;
}

export function countStates(occurrences: readonly Occurrence[]): StateCounts {
  const counts = { active: 0, partial: 0, split: 0 };
  for (const { state } of occurrences) counts[state]++;
  return counts;
}

/** Fused everywhere, nowhere, or in part: some sites fused and others not, or a smaller fusion only. */
export function stateOf({ active, partial, split }: StateCounts): StateName | "absent" {
  if (partial > 0 || (active > 0 && split > 0)) return "partial";
  if (active > 0) return "active";
  return split > 0 ? "split" : "absent";
}

/** Sum over exactly the kernels of one rule's occurrences; no kernel is in two of them. */
export function relatedNs(occurrences: readonly Occurrence[], gpu: GpuEvents): Nanoseconds {
  let total = 0;
  for (const { rows } of occurrences)
    for (const step of rows) for (const row of step) total += gpu.duration[row]!;
  return total;
}

/**
 * `report share` hides what is too small to act on. An active fusion is no work to do, so it is
 * never hidden here.
 */
export function isBelowThreshold(state: StateName, share: number, reportShare: number): boolean {
  return state !== "active" && share < reportShare;
}

/**
 * How often a state was seen, as `{count}` and `expect … times` read it. A rule may be partial only
 * because some sites are active and others split; then the split ones are what there is to count.
 */
export function sitesOf(state: StateName, counts: StateCounts): number {
  return state === "partial" && counts.partial === 0 ? counts.split : counts[state];
}
