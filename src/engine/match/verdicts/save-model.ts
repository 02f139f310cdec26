import type { Occurrence } from "../../../model/finding.ts";
import type { Rule } from "../../../model/rule.ts";
import type { GpuEvents } from "../../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../../model/trace/units.ts";
import { stepsOfPattern } from "../occurrence-parts.ts";
import { closedGapNs } from "./closed-gaps.ts";

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
  const swallowed = rule.states.map((_, pattern) => swallowedSteps(rule, pattern));
  let total = 0;
  for (const occurrence of occurrences)
    total += savedNs(occurrence, swallowed[occurrence.pattern]!, gpu);
  return total;
}

/** The part of {@link saveAtMostNs} that one occurrence has. */
export function occurrenceSavesNs(
  rule: Pick<Rule, "states" | "saves">,
  occurrence: Occurrence,
  gpu: GpuEvents,
): Nanoseconds {
  return savedNs(occurrence, swallowedSteps(rule, occurrence.pattern), gpu);
}

/** The kernels of one occurrence that the fused one swallows; none of what is fused already. */
export function swallowedRows(
  rule: Pick<Rule, "states" | "saves">,
  occurrence: Occurrence,
  gpu: GpuEvents,
): readonly Row[] {
  return rowsOfSteps(occurrence, swallowedSteps(rule, occurrence.pattern), gpu);
}

/**
 * Which steps of a pattern the fused kernel swallows; null where the rule names none of them (a
 * picture of a smaller fusion may not have the captures it names).
 */
function swallowedSteps(
  { states, saves }: Pick<Rule, "states" | "saves">,
  pattern: number,
): readonly boolean[] | null {
  if (saves === null) return null;
  const steps = stepsOfPattern(states[pattern]!.pattern);
  const swallowed = steps.map(({ capture }) => saves.includes(capture ?? ""));
  return swallowed.includes(true) ? swallowed : null;
}

function savedNs(
  occurrence: Occurrence,
  swallowed: readonly boolean[] | null,
  gpu: GpuEvents,
): Nanoseconds {
  const rows = rowsOfSteps(occurrence, swallowed, gpu);
  // Where all steps go one kernel comes: it is no shorter than the shortest of them.
  const all = swallowed !== null && occurrence.rows.every((_, step) => swallowed[step]);
  const stays = all ? Math.min(...occurrence.rows.map((step) => timeOf(step, gpu))) : 0;
  return timeOf(rows, gpu) - stays + closedGapNs(occurrence, rows, gpu);
}

/** Kernels of the swallowed steps; of all but the longest where none are named. */
function rowsOfSteps(
  { state, rows }: Occurrence,
  swallowed: readonly boolean[] | null,
  gpu: GpuEvents,
): readonly Row[] {
  if (state === "active") return [];
  if (swallowed !== null) return rows.filter((_, step) => swallowed[step]).flat();
  const times = rows.map((step) => timeOf(step, gpu));
  const longest = times.indexOf(Math.max(...times));
  return rows.filter((_, step) => step !== longest).flat();
}

function timeOf(rows: readonly Row[], gpu: GpuEvents): Nanoseconds {
  let time = 0;
  for (const row of rows) time += gpu.duration[row]!;
  return time;
}
