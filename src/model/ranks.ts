import type { StageName } from "./framework.ts";
import type { Spread } from "./report.ts";
import type { Microseconds } from "./units.ts";

/** Version of the JSON contract of `triage ranks`. */
export const RANKS_SCHEMA_VERSION = 1;

/**
 * Several ranks of one job side by side. Everything is told from durations: no clock of a rank is
 * compared with another's. `references/ranks.schema.json` describes it.
 */
export interface RanksReport {
  readonly schemaVersion: typeof RANKS_SCHEMA_VERSION;
  readonly tool: { readonly name: string; readonly version: string };
  /** By rank; those that could not be read among them. */
  readonly ranks: readonly RankTrace[];
  readonly stages: readonly RanksStage[];
  readonly summary: string;
  readonly remarks: readonly { readonly code: string; readonly message: string }[];
}

export interface RankTrace {
  /** What the tables call it: its rank, else its file's name. */
  readonly label: string;
  readonly rank: number | null;
  readonly paths: readonly string[];
  /** `partial`: the trace ends early; it is shown and matched, but neither judged nor compared with. */
  readonly state: "complete" | "partial" | "unreadable";
  readonly problem: string | null;
}

export interface RanksStage {
  readonly stage: StageName;
  readonly ranks: readonly RankRow[];
  readonly stragglers: readonly Straggler[];
  /** The longest waiting first. */
  readonly collectives: readonly RanksCollective[];
  /** Collectives that have no partner, in words. */
  readonly leftOut: readonly string[];
}

/** One rank's stage; sums are over all its steps. */
export interface RankRow {
  readonly label: string;
  readonly steps: number;
  /** What one step took on the GPU; null where no step has GPU work. */
  readonly step: Spread | null;
  /** The same without waiting for other ranks in collectives. */
  readonly ownStep: Spread | null;
  readonly gpuTimeUs: Microseconds;
  readonly busyUs: Microseconds;
  readonly idleUs: Microseconds;
  readonly computeUs: Microseconds;
  readonly commUs: Microseconds;
  readonly exposedCommUs: Microseconds;
  /** Time in matched collectives beyond the shortest of each. */
  readonly waitingUs: Microseconds;
}

/** A rank whose own part of a step takes longer than the others' beyond noise. */
export interface Straggler {
  readonly label: string;
  /** Median over the steps of own time less the others' median of the same step. */
  readonly slowerByUs: Microseconds;
  /** Of the others' own time. */
  readonly slowerByPct: number;
  readonly noiseUs: Microseconds;
  /** Where it loses the time, per step against the others' median; most first. */
  readonly losses: readonly RankLoss[];
}

export interface RankLoss {
  /** Category of a kernel, or "idle". */
  readonly category: string;
  /** Demangled name; null for a whole category. */
  readonly kernel: string | null;
  readonly us: Microseconds;
}

/** The launches of one collective kernel on one stream that all of its ranks have. */
export interface RanksCollective {
  readonly kernel: string;
  readonly shortName: string;
  readonly category: string;
  /** As recorded ("allreduce"); null where the kernel does not carry it. */
  readonly collective: string | null;
  /** Ranks, description or name of the process group, as recorded. */
  readonly group: string | null;
  /** How launches were matched over ranks. */
  readonly matchedBy: "sequence number" | "group and order" | "kernel name and order";
  /** Launches matched on every rank. */
  readonly matched: number;
  readonly minUs: Microseconds;
  readonly medianUs: Microseconds;
  readonly maxUs: Microseconds;
  /** The shortest of each launch, summed: the rank that came last waits for nobody. */
  readonly movingUs: Microseconds;
  readonly waitingUs: Microseconds;
  readonly ranks: readonly CollectiveRank[];
}

export interface CollectiveRank {
  readonly label: string;
  readonly launches: number;
  /** Of matched launches. */
  readonly totalUs: Microseconds;
  readonly waitingUs: Microseconds;
  readonly waitingPct: number;
  /** Launches in which it alone was the shortest, hence the last to come. */
  readonly last: number;
}
