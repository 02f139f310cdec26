import type { FactName } from "./facts.ts";
import type { StageName } from "./framework.ts";
import type { ConditionField, StateName } from "./rule.ts";
import type { Nanoseconds, Row } from "./trace/units.ts";

/** Concrete kernels, in pattern order, that make a rule's picture once. */
export interface Occurrence {
  readonly state: StateName;
  /** Index into Rule.states. */
  readonly pattern: number;
  /** GPU rows per pattern step; an optional step may be empty. */
  readonly rows: readonly (readonly Row[])[];
  /** Idle nanoseconds between the steps; overlaps count 0. */
  readonly gapNs: Nanoseconds;
}

/** What a rule takes for granted because the trace does not tell: a guard's fact, a `where` field. */
export type Assumption = FactName | ConditionField;

type RuleState = StateName | "absent" | "not-applicable" | "below-threshold";

/** The answer of one rule for one stage. Every rule has one, "absent" included. */
export interface RuleOutcome {
  readonly rule: string;
  readonly stage: StageName;
  readonly state: RuleState;
  /** State before the report threshold was applied. */
  readonly underlying: StateName | "absent" | "not-applicable";
  /** First guard that is false, for not-applicable. */
  readonly blockedBy: FactName | null;
  /** Facts, edges and fields the rule asked about that are unknown; sorted, each once. */
  readonly assuming: readonly Assumption[];
  readonly counts: { readonly active: number; readonly partial: number; readonly split: number };
  readonly occurrences: readonly Occurrence[];
  /** Sum over exactly the kernels of the occurrences, each once. */
  readonly relatedNs: Nanoseconds;
  readonly saveAtMostNs: Nanoseconds;
  /** Rules whose occurrences on the same kernels were folded under this one. */
  readonly alsoMatched: readonly string[];
  /** The rule that claimed this one's kernels, when folded. */
  readonly foldedUnder: string | null;
}

/** A rule that threw: reported, never fatal to the run. */
export interface RuleFailure {
  readonly rule: string;
  readonly stage: StageName;
  readonly message: string;
}
