import type { StageName } from "../framework.ts";
import type { RuleStatus, StateName } from "../rule.ts";
import type { Microseconds } from "../trace/units.ts";
import type { IdleCause, PhaseReport, RequestsReport, Spread } from "./report.ts";

/** Version of the JSON contract of `triage diff`; raised when a field changes meaning or goes. */
export const DIFF_SCHEMA_VERSION = 3;

/**
 * What two measurements say of each other. `negligible` is beyond noise and too small to matter;
 * `inconclusive` means that there are too few samples to tell, or that median and mean disagree.
 */
export type TimeChange = "slower" | "faster" | "within-noise" | "negligible" | "inconclusive";

/** What became of a kernel: its time, how often it is launched, or whether it is there at all. */
export type KernelChange =
  | TimeChange
  | "replaced"
  | "appeared"
  | "vanished"
  | "more-launches"
  | "fewer-launches";

export type VerdictChange =
  | "slower"
  | "faster"
  | "mixed"
  | "within-noise"
  | "inconclusive"
  | "identical"
  | "not-comparable";

/**
 * `replaced`: where the rule's kernel stood, one stands that another rule knows as its fused path.
 * `not-judged`: another kernel stands where the rule's kernels stood, none came beside it, and
 * nothing tells whether it does their work.
 */
export type RuleChange =
  | "lost"
  | "replaced"
  | "gained"
  | "new-opportunity"
  | "gone"
  | "changed"
  | "not-judged";

/** Metrics of a step that are compared and that budgets may name. */
export const METRICS = ["stepTime", "gpuTime", "busy", "idle", "exposedComm"] as const;
export type MetricName = (typeof METRICS)[number];

/** Two reports compared; `references/diff.schema.json` describes it. Times are microseconds. */
export interface Diff {
  readonly schemaVersion: typeof DIFF_SCHEMA_VERSION;
  readonly tool: { readonly name: string; readonly version: string };
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** What makes the comparison doubtful, before anything else. */
  readonly warnings: readonly DiffWarning[];
  /** True where there are warnings: what is compared is not the same work, or not all of it. */
  readonly doubtful: boolean;
  /** Rows below this share of a stage's GPU time were not compared: one of the reports lacks them. */
  readonly minSharePct: number;
  readonly thresholds: Thresholds;
  readonly verdict: { readonly change: VerdictChange; readonly text: string };
  readonly onlyBefore: readonly StageName[];
  readonly onlyAfter: readonly StageName[];
  readonly stages: readonly StageDiff[];
  readonly budgets: readonly BudgetAnswer[];
}

export interface DiffWarning {
  readonly code: string;
  readonly message: string;
}

/** Smaller differences are negligible, whatever the noise. */
export interface Thresholds {
  /** Percent of the smaller of the two times. */
  readonly minChangePct: number;
  readonly minChangeUs: Microseconds;
  /** Percent of a step's GPU time that the change amounts to. */
  readonly minStagePct: number;
}

export interface DiffSide {
  readonly traces: readonly string[];
  readonly framework: string;
  readonly model: string | null;
  readonly gpu: string | null;
  readonly rulesDigest: string;
  /** What contradicts itself in its recording, in words. */
  readonly health: readonly string[];
}

export interface StageDiff {
  readonly stage: StageName;
  readonly verdict: StageVerdict;
  readonly steps: { readonly before: number; readonly after: number };
  readonly metrics: readonly MetricDiff[];
  /** The stage as a whole, work of no step included; null where the numbers of steps differ. */
  readonly totals: readonly StageTotal[] | null;
  readonly requests: { readonly before: RequestsReport; readonly after: RequestsReport };
  /** Null where the steps hold equally many tokens, or where that is no fair measure. */
  readonly perToken: PerUnit | null;
  /** Phases of speculative decoding that both sides have. */
  readonly phases: readonly PhaseDiff[];
  /** Null where both are equally deep. */
  readonly perLayer: PerUnit | null;
  /** Null where kernels changed each by their own. */
  readonly uniform: UniformChange | null;
  readonly outliers: readonly Outlier[];
  /** Mean idle time of a step by cause. */
  readonly idleCauses: readonly {
    readonly cause: IdleCause;
    readonly beforeUs: Microseconds;
    readonly afterUs: Microseconds;
    readonly deltaUs: Microseconds;
  }[];
  /** Percent of the stage in which the GPU waited for the host. */
  readonly hostIdlePct: { readonly before: number; readonly after: number };
  /** Kernel time with a known floor over that floor; null where a side has none. */
  readonly timesFloor: { readonly before: number | null; readonly after: number | null };
  /** Launches of a step, after by before, of the kernels both have; windows may hold cut steps. */
  readonly launchRatio: number;
  readonly kernels: readonly KernelDiff[];
  readonly positions: readonly PositionDiff[];
  readonly rules: readonly RuleDiff[];
}

/** The steps of one phase of speculative decoding. */
export interface PhaseDiff {
  readonly phase: PhaseReport["phase"];
  readonly steps: { readonly before: number; readonly after: number };
  readonly before: Spread;
  readonly after: Spread;
  readonly deltaUs: Microseconds;
  /** Null where before is 0. */
  readonly pct: number | null;
  /** Null with too few steps. */
  readonly noiseUs: Microseconds | null;
  readonly change: TimeChange;
  /** Where the change lies: kernels by what they add to a step of the phase, most first. */
  readonly kernels: readonly PhaseKernelDiff[];
}

/** Time in a step of the phase; null where that side has no such kernel. */
export interface PhaseKernelDiff {
  readonly name: string;
  readonly shortName: string;
  readonly beforeUs: Microseconds | null;
  readonly afterUs: Microseconds | null;
  readonly deltaUs: Microseconds;
}

export interface StageTotal {
  readonly total: "gpuTimeUs" | "busyUs" | "idleUs" | "commUs" | "exposedCommUs" | "memoryUs";
  readonly beforeUs: Microseconds;
  readonly afterUs: Microseconds;
  readonly deltaUs: Microseconds;
  readonly pct: number | null;
}

/** GPU time of one token or layer. */
export interface PerUnit {
  readonly beforeUs: Microseconds;
  readonly afterUs: Microseconds;
  readonly pct: number | null;
}

/** Nearly all kernels took about as much longer or shorter: clock or power. */
export interface UniformChange {
  readonly pct: number;
  /** "clock or power", else what else differs between the sides, or that it is too much for a clock. */
  readonly why: string;
  /** Names of those that did. */
  readonly kernels: readonly string[];
  /** How many were compared. */
  readonly of: number;
}

/** One launch that took far longer than the others of its kernel. */
export interface Outlier {
  readonly side: "before" | "after";
  /** Short name. */
  readonly kernel: string;
  readonly maxUs: Microseconds;
  readonly medianUs: Microseconds;
}

export interface StageVerdict {
  readonly change: VerdictChange;
  /** Of the metric that decided, percent of before; null where none did. */
  readonly pct: number | null;
  readonly deltaUs: Microseconds | null;
  /** Metric that decided, or "total" where steps are too few and the stage's GPU time did. */
  readonly by: MetricName | "total" | null;
  readonly text: string;
}

export interface MetricDiff {
  readonly metric: MetricName;
  readonly before: Spread;
  readonly after: Spread;
  readonly deltaUs: Microseconds;
  /** Null where before is 0. */
  readonly pct: number | null;
  /** A difference up to this may be chance; null with too few steps. */
  readonly noiseUs: Microseconds | null;
  readonly change: TimeChange;
}

export interface KernelSide extends Spread {
  /** How much of what its machine can do it reaches, and what bounds it; null where that is not known. */
  readonly pctOfLimit: number | null;
  readonly boundBy: "compute" | "memory" | "link" | null;
  readonly name: string;
  readonly shortName: string;
  readonly category: string;
  readonly launches: number;
  readonly launchesPerStep: number;
  readonly perStepUs: Microseconds;
}

export interface KernelDiff {
  readonly change: KernelChange;
  readonly before: KernelSide | null;
  readonly after: KernelSide | null;
  /** Of one launch; null where one side or both lack it. */
  readonly medianDeltaUs: Microseconds | null;
  readonly medianPct: number | null;
  readonly noiseUs: Microseconds | null;
  /** What the change adds to a step. */
  readonly perStepDeltaUs: Microseconds;
  /** Rule whose change of state accounts for this one. */
  readonly explainedBy: string | null;
}

export interface PositionSide extends Spread {
  readonly position: number;
  readonly kernel: string;
  readonly shortName: string;
  readonly category: string;
  readonly role: string | null;
  readonly location: string | null;
  readonly launches: number;
  readonly gapUs: Microseconds;
}

/** A position of the repeated layer, before and after, paired in the order of the layer. */
export interface PositionDiff {
  readonly change: KernelChange;
  readonly before: PositionSide | null;
  readonly after: PositionSide | null;
  readonly medianDeltaUs: Microseconds | null;
  readonly medianPct: number | null;
  readonly noiseUs: Microseconds | null;
  /** Change of the gap before it; null where one side lacks the position. */
  readonly gapDeltaUs: Microseconds | null;
  readonly gapChange: TimeChange | null;
  readonly explainedBy: string | null;
}

export interface RuleDiff {
  readonly rule: string;
  readonly title: string;
  readonly status: RuleStatus;
  readonly change: RuleChange;
  /** The rule whose fused path took the place; null unless `replaced`. */
  readonly replacedBy: string | null;
  /** Null where the pattern was not seen. */
  readonly before: StateName | null;
  readonly after: StateName | null;
  readonly sharePct: number;
  readonly sources: readonly string[];
  readonly advice: string | null;
}

export interface BudgetAnswer {
  /** As given. */
  readonly budget: string;
  readonly failed: boolean;
  readonly reason: string;
}

/** True for a row that says something happened. */
export function isNews({ change }: { readonly change: KernelChange }): boolean {
  return change !== "within-noise" && change !== "negligible" && change !== "inconclusive";
}

/** True where the median launch accounts for less than half of what a step changed: some launches did. */
export function isOfSome({ before, after, medianDeltaUs, perStepDeltaUs }: KernelDiff): boolean {
  if (before === null || after === null || medianDeltaUs === null) return false;
  const launches = (before.launchesPerStep + after.launchesPerStep) / 2;
  return 2 * medianDeltaUs * launches * Math.sign(perStepDeltaUs) < Math.abs(perStepDeltaUs);
}
