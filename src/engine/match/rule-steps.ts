import type { Pattern, PatternStep } from "../../model/rule.ts";

/** Steps of any pattern in written order; `Occurrence.rows` has one entry for each. */
export function stepsOfPattern(pattern: Pattern): readonly PatternStep[] {
  return pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
}
