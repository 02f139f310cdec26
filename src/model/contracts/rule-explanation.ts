import type { RuleOutcome } from "../finding.ts";
import type { StageName } from "../framework.ts";
import type { StateName } from "../rule.ts";
import type { Microseconds } from "../trace/units.ts";

/** Version of what `rules explain --format json` prints; raised when a field changes meaning or goes. */
export const RULE_EXPLANATION_VERSION = 3;

/** Why one rule answers what it answers, clause by clause: one answer per trace file and stage. */
export interface RuleExplanation {
  readonly schemaVersion: typeof RULE_EXPLANATION_VERSION;
  readonly rule: string;
  readonly title: string;
  /** Below the rules folder. */
  readonly file: string;
  readonly stages: readonly RuleInStage[];
}

/** The rule's own answer in one stage, other rules left out. */
export interface RuleInStage {
  readonly path: string;
  readonly stage: StageName;
  /** Null when it could not run (see `failure`). */
  readonly state: RuleOutcome["state"] | null;
  /** State before the report threshold was applied. */
  readonly underlying: RuleOutcome["underlying"] | null;
  /** First guard that is false; the patterns are read as if it held. */
  readonly blockedBy: string | null;
  readonly failure: string | null;
  readonly assuming: readonly string[];
  readonly counts: RuleOutcome["counts"] | null;
  readonly guards: readonly ExplainedGuard[];
  readonly patterns: readonly ExplainedPattern[];
}

/** A guard with the fact it met. */
export interface ExplainedGuard {
  readonly text: string;
  /** 1-based, in the rule's file. */
  readonly line: number | null;
  readonly truth: "true" | "false" | "unknown";
  /** The fact it asks about, null when unknown, and what told it. */
  readonly value: string | number | null;
  readonly from: string | null;
}

export interface ExplainedPattern {
  readonly state: StateName;
  readonly line: number | null;
  /** With its conditions, in the words of the language. */
  readonly text: string;
  /** Occurrences that must be there for them to count. */
  readonly repeatMin: number;
  readonly steps: readonly {
    readonly step: string;
    /** Kernels of the step's class in the stage, and the most frequent of them. */
    readonly kernels: number;
    readonly names: readonly { readonly kernel: string; readonly launches: number }[];
  }[];
  /** The rule alone: occurrences found, and those `repeat` counts. */
  readonly found: number;
  readonly counted: number;
  /** Left out of both: their kernels are the code of a project that the rule does not cite. */
  readonly foreign: number;
  /** What stopped attempts that came to nothing, farthest first. */
  readonly nearest: readonly ExplainedStop[];
}

/** Attempts that one clause stopped, with the kernels of the one that came nearest. */
interface ExplainedStop {
  readonly reached: number;
  readonly line: number | null;
  readonly wanted: string;
  readonly saw: string;
  readonly times: number;
  readonly kernels: readonly ExplainedKernel[];
}

/** A kernel in its place in a pattern. */
export interface ExplainedKernel {
  /** What the rule calls the step it stands for: its capture, else its class. Null for what stands between. */
  readonly step: string | null;
  /** Short name. */
  readonly kernel: string;
  /** From the start of the trace. */
  readonly startUs: Microseconds;
  readonly us: Microseconds;
  readonly stream: string;
  readonly location: string | null;
}
