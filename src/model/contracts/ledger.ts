import type { Microseconds } from "../trace/units.ts";

/**
 * What a stretch of a stage's wall time is put down to. Busy parts: computation, communication that
 * no computation hides, copies and fills that neither hides. Idle parts: where the host stood when
 * the GPU had nothing to do (`engine/timeline/gap-parts.ts`).
 */
export type LedgerPart = "compute" | "communication" | "copies" | IdlePart;

/** Where the host stood when the GPU had nothing to do, in the order of the ledger. */
export const IDLE_PARTS = [
  "host",
  "host-pause",
  "sync",
  "before-graph",
  "graph-launch",
  "in-graph",
  "queued",
  "no-launch",
  "hole",
] as const;
export type IdlePart = (typeof IDLE_PARTS)[number];

/** Why time of a busy part is spent; idle parts are their own reason. */
export type LedgerReason =
  | "at-limit"
  | "above-limit"
  | "no-model"
  | "fusion"
  | "small-kernels"
  | "outlier"
  | "moving"
  | "waiting";

/** One row of the ledger. Rows are disjoint and add up to the stage's wall time to the nanosecond. */
export interface LedgerRow {
  readonly part: LedgerPart;
  readonly reason: LedgerReason | null;
  /** Kernel category, rule, host call or host activity; null where the part says it all. */
  readonly what: string | null;
  readonly us: Microseconds;
  /** Of the stage's wall time without holes of the recording; of a hole, of all of it. */
  readonly pct: number;
  /** Ids of the kernels whose time it is; for idle parts of those that the GPU waited for. */
  readonly of: readonly string[];
  /** The time of each of them, in their order; they add up to `us`. */
  readonly usOf: readonly Microseconds[];
  /** Stretches that it is made of: launches of busy time, gaps of idle time. */
  readonly pieces: number;
  readonly longestUs: Microseconds;
  readonly note: string | null;
}
