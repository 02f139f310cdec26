import type { IdleCause, OverlapRow } from "../contracts/report.ts";
import type { StageName } from "../framework.ts";
import type { Rule, StateName } from "../rule.ts";
import type { KernelGraph } from "./kernel-graph.ts";
import type { Nanoseconds, Row } from "./units.ts";

/** A stretch of a stage's time in which none of its events ran, with one cause. */
export interface IdleSpan {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  readonly cause: IdleCause;
  /** The event that ended the gap this is a part of. */
  readonly next: Row;
}

/** A stretch in which a kernel ran and nothing else did on its device. */
export interface ExposedSpan {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  readonly row: Row;
  /** What the overlap table says of that kernel. */
  readonly verdict: OverlapRow;
}

/** One occurrence of a rule with what it saves at most by itself. */
export interface RuleWindow {
  readonly rule: Rule;
  readonly state: StateName;
  /** From the first start to the last end of its kernels. */
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** In pattern order. */
  readonly rows: readonly Row[];
  readonly saveAtMostNs: Nanoseconds;
  /** Layer of its first kernel, -1 outside the repeated part. */
  readonly layer: number;
}

/** Consecutive events of one layer. */
export interface LayerSpan {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  readonly layer: number;
}

/** What a stage's tables say, as places in time: for viewers that show when, not how much. */
export interface StageSpans {
  readonly stage: StageName;
  /** Its GPU events, ascending. */
  readonly events: Uint32Array;
  readonly idle: readonly IdleSpan[];
  readonly exposed: readonly ExposedSpan[];
  readonly layers: readonly LayerSpan[];
  /** Of the findings that make rows, by rule id, then time. */
  readonly windows: readonly RuleWindow[];
}

/** One trace on its time axis: every GPU event with its attribution, and the findings. */
export interface TraceSpans {
  readonly graph: KernelGraph;
  /** In the graph's order; only the stages asked for. */
  readonly stages: readonly StageSpans[];
  /** What a GPU event is held against, by its row; null where the work behind it is not known. */
  limitOf(row: Row): EventLimit | null;
}

/** The call that a GPU event is a part of, against the limit of its machine. */
export interface EventLimit {
  readonly op: string;
  readonly dims: string;
  readonly flop: number;
  readonly bytes: number;
  readonly boundBy: "compute" | "memory" | "link";
  /** Null where the machine is not known. */
  readonly floorNs: number | null;
  readonly kernelNs: Nanoseconds;
  readonly shapesFrom: string;
}
