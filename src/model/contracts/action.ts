import type { StageName } from "../framework.ts";
import type { Microseconds } from "../trace/units.ts";
import type { IdlePart } from "./ledger.ts";
import type { ReportSource } from "./report.ts";

const ACTION_KINDS = [
  "fusion",
  "limit",
  "overlap",
  "host",
  "sync",
  "copies",
  "small-kernels",
  "imbalance",
  "recording",
] as const;
type ActionKind = (typeof ACTION_KINDS)[number];

/** One thing to do, with what it would bring. Actions come best first. */
export interface Action {
  /** Stable between runs: kind, stage and what it is about. */
  readonly id: string;
  readonly kind: ActionKind;
  readonly stage: StageName;
  readonly title: string;
  readonly do: string;
  /** Places in the code, most time first. */
  readonly where: readonly string[];
  readonly saves: ActionSaving;
  /**
   * What of the saving is likely, by which actions are ordered: of a limit the part down to
   * {@link REACHED_PCT} of it, since no kernel reaches a datasheet; else all of it.
   */
  readonly likelyUs: Microseconds;
  /** What the saving is made of. */
  readonly evidence: ActionEvidence;
  /** Id of the action that must be done before this one saves what it says; null where it saves today. */
  readonly after: string | null;
  /** The switch that does it, null where there is none to name. */
  readonly toggle: string | null;
  /** How sure the saving is: re-timed from this trace, from a model of the work, or on an assumption. */
  readonly proof: "trace" | "model" | "assumed";
  readonly assuming: readonly string[];
  readonly rule: string | null;
  readonly sources: readonly ReportSource[];
  /** Ids of the kernels that no other action counts. */
  readonly claims: readonly string[];
}

/** From here on, in percent of its limit, a kernel is as fast as kernels get. */
export const REACHED_PCT = 80;

/**
 * What a saving is made of. The step becomes shorter by no more than what the GPU no longer does
 * and the idle time that goes: what else ran meanwhile, or the host, may keep part of it.
 */
interface ActionEvidence {
  /** Kernels that go or become shorter, most time first: as recorded, and what is left of it. */
  readonly kernels: readonly {
    readonly id: string;
    readonly launches: number;
    readonly us: Microseconds;
    readonly leavesUs: Microseconds;
  }[];
  /** What the GPU does less: the sum of `us` less `leavesUs`. At least `saves.kernelUs`. */
  readonly gpuUs: Microseconds;
  /** Idle time of the ledger that it takes, by part; empty where kernels alone speak for it. */
  readonly idle: readonly { readonly part: IdlePart; readonly us: Microseconds }[];
  /** Idle time that it can take at most: at least `saves.gapUs`. Null where nothing bounds it but the step. */
  readonly idleUs: Microseconds | null;
}

/**
 * What the stage becomes shorter by at most, over all its steps. Bounds of different actions may
 * rest on the same idle time and do not add up; kernels are counted once.
 */
export interface ActionSaving {
  /** The part that is kernels gone or shortened. */
  readonly kernelUs: Microseconds;
  /** The part that is idle time gone: gaps that close, launches that need not be made. */
  readonly gapUs: Microseconds;
  /** Both together, of the stage's wall time without holes of the recording. */
  readonly pctOfStep: number;
}
