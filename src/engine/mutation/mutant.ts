import type { Rule, RuleSet } from "../../model/rule.ts";

/** A rule with one thing changed; good tests tell it from the rule. */
export interface Mutant {
  /** What was changed: "drop guard tp >= 2", "split 1: skip 1 -> 2". */
  readonly change: string;
  readonly rule: Rule;
  /** The rule set's classes, with changed copies at the end. */
  readonly classes: RuleSet["classes"];
}

/** The list with one entry changed, or left out for null. */
export function replaced<T>(list: readonly T[], index: number, by: T | null): readonly T[] {
  return list.flatMap((entry, at) => (at !== index ? [entry] : by === null ? [] : [by]));
}
