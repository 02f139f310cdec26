import type { Occurrence } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import type { GpuEvents } from "../../model/trace.ts";
import type { Nanoseconds, Row } from "../../model/units.ts";
import { stepsOfPattern } from "./rule-steps.ts";

/**
 * Upper bound of what fusing could save: the kernels the fused one swallows, plus the idle time
 * between the steps that closes. Which kernels those are the rule says (`saves`); without it all
 * but the longest step of each occurrence, since one kernel must still do the longest piece of
 * work. Never more than the kernels and gaps there are; nothing for what is fused already.
 */
export function saveAtMostNs(
  rule: Pick<Rule, "states" | "saves">,
  occurrences: readonly Occurrence[],
  gpu: GpuEvents,
): Nanoseconds {
  let total = 0;
  for (const occurrence of occurrences) total += occurrenceSavesNs(rule, occurrence, gpu);
  return total;
}

/** The part of {@link saveAtMostNs} that one occurrence has. */
export function occurrenceSavesNs(
  rule: Pick<Rule, "states" | "saves">,
  occurrence: Occurrence,
  gpu: GpuEvents,
): Nanoseconds {
  if (occurrence.state === "active") return 0;
  const times = occurrence.rows.map((rows) => timeOf(rows, gpu));
  const all = times.reduce((a, b) => a + b, 0);
  const rest = all - Math.max(...times) + occurrence.gapNs;
  const { saves } = rule;
  if (saves === null) return rest;
  const steps = stepsOfPattern(rule.states[occurrence.pattern]!.pattern);
  const swallowed = steps.map(({ capture }) => saves.includes(capture ?? ""));
  // A picture of a smaller fusion may not have the named captures.
  if (!swallowed.includes(true)) return rest;
  const named = times.reduce((sum, time, step) => (swallowed[step] ? sum + time : sum), 0);
  return named + occurrence.gapNs;
}

function timeOf(rows: readonly Row[], gpu: GpuEvents): Nanoseconds {
  return rows.reduce((sum, row) => sum + gpu.duration[row]!, 0);
}
