import type { Microseconds } from "../trace/units.ts";

/** Version of the JSON contract of `triage fleet`. */
export const FLEET_SCHEMA_VERSION = 1;

/**
 * What many digests tell together. Builds are in order of their names, numbers in them by value;
 * builds that follow each other are compared. `references/fleet.schema.json` describes it.
 */
export interface FleetReport {
  readonly schemaVersion: typeof FLEET_SCHEMA_VERSION;
  readonly tool: { readonly name: string; readonly version: string };
  readonly builds: readonly FleetBuild[];
  /** What was the case otherwise in two builds that follow each other. */
  readonly changes: readonly FleetChange[];
  readonly flips: readonly RuleFlip[];
  /** What costs a step most first. */
  readonly slower: readonly SlowerKernel[];
  readonly left: readonly LeftOnTable[];
  readonly steps: readonly StepHistory[];
  /** Files that are no whole digest. */
  readonly damaged: readonly { readonly path: string; readonly problem: string }[];
  readonly summary: string;
}

interface FleetBuild {
  readonly build: string;
  readonly digests: number;
  /** Digests of the rules that judged; several mean that a flip may be the rules' doing. */
  readonly rules: readonly string[];
}

/** What is compared between builds: the same model on the same GPU in the same engine and stage. */
export interface Combo {
  readonly model: string | null;
  readonly gpu: string | null;
  readonly framework: string | null;
  readonly stage: string;
}

export interface FleetChange extends Combo {
  readonly before: string;
  readonly after: string;
  /** Facts of the stage with other values, such as tokens or the engine's version. */
  readonly facts: readonly FactChange[];
  /** Other rules judged: a flip may be theirs. */
  readonly isOtherRules: boolean;
}

/** Values over a build's digests; null where none tells. */
export interface FactChange {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** A rule whose states differ between two builds that follow each other. */
export interface RuleFlip extends Combo {
  readonly rule: string;
  readonly before: string;
  readonly after: string;
  /** States over the build's digests; "absent" where it matched in none. */
  readonly from: string;
  readonly to: string;
  readonly isOtherRules: boolean;
}

/** A kernel whose median launch grew beyond noise between two builds that follow each other. */
export interface SlowerKernel extends Combo {
  /** As the trace names it, demangled. */
  readonly name: string;
  readonly shortName: string;
  readonly before: string;
  readonly after: string;
  readonly fromUs: Microseconds;
  readonly toUs: Microseconds;
  readonly noiseUs: Microseconds;
  readonly growthPct: number;
  /** What a step pays for it; null where steps are not known. */
  readonly perStepUs: Microseconds | null;
  /** Facts of the work itself that changed with it (tokens, tp, …): it may be slower by right. */
  readonly otherWork: readonly string[];
}

/** What the newest build's reports would save, and where the time is. */
export interface LeftOnTable extends Combo {
  readonly build: string;
  readonly digests: number;
  /** The largest single action's part of a step, median over digests; 0 where none has one. */
  readonly savesPct: number;
  /** The same of the median step; null where steps are not known. */
  readonly savesUs: Microseconds | null;
  /** The one that most digests have as their largest; null where there is none. */
  readonly action: string | null;
  /** Of the ledger: busy parts, and all idle ones. */
  readonly parts: readonly { readonly part: string; readonly pct: number }[];
}

/** Median step of each build, null where it has none. */
export interface StepHistory extends Combo {
  readonly builds: readonly { readonly build: string; readonly stepUs: Microseconds | null }[];
}
