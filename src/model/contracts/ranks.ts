import type { StageName } from "../framework.ts";
import type { Microseconds } from "../trace/units.ts";
import type { Spread } from "./report.ts";

/** Version of the JSON contract of `triage ranks`. */
export const RANKS_SCHEMA_VERSION = 3;

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
  /** Why nobody can say who is slow; null where that is judged. */
  readonly notJudged: string | null;
  readonly stragglers: readonly Straggler[];
  readonly slowGroups: readonly SlowGroup[];
  readonly imbalances: readonly Imbalance[];
  /** Ranks that the others wait for in some steps only, or that are cut and judged nowhere. */
  readonly late: readonly LateRank[];
  /** Ranks that wait for all the others; empty where a rank is slow. */
  readonly early: readonly EarlyRank[];
  /** By node and by process group; empty where nothing tells them, or all ranks are in one. */
  readonly views: readonly RanksView[];
  /** In the order of the pipeline; empty without one. */
  readonly pipeline: readonly PipelineStage[];
  /** The longest waiting first. */
  readonly collectives: readonly RanksCollective[];
  readonly transfers: readonly RanksTransfer[];
  /** Communication that is in none of the tables. */
  readonly leftOut: readonly LeftOut[];
}

/** The ranks of a stage in parts that share something. */
export interface RanksView {
  /** "node", "tp", "pp", "dp", "ep", "cp", several of them, or "group of 8, every 4". */
  readonly kind: string;
  /** What tells the parts. */
  readonly from: string;
  readonly parts: readonly ViewPart[];
}

/** Medians over its ranks of their medians over steps; null where no rank has steps. */
export interface ViewPart {
  readonly name: string;
  readonly labels: readonly string[];
  readonly stepUs: Microseconds | null;
  /** The step without waiting for other ranks. */
  readonly ownUs: Microseconds | null;
  readonly waitingUs: Microseconds | null;
  /** Rank with the longest own step; null where none is judged. */
  readonly slowest: string | null;
  /** Own time against the median of the other parts. */
  readonly slowerByPct: number | null;
  /** All of its ranks are stragglers, and those of some other part are not. */
  readonly isSlow: boolean;
}

/** Ranks of a group in which a collective moves its data longer than in other groups. */
export interface SlowGroup {
  readonly labels: readonly string[];
  /** Short name. */
  readonly kernel: string;
  readonly collective: string | null;
  /** One launch, against the others' median. */
  readonly longerUs: Microseconds;
  readonly usualUs: Microseconds;
  readonly perStepUs: Microseconds;
}

/** A collective to which now one rank, now another comes last. */
export interface Imbalance {
  /** Short name. */
  readonly kernel: string;
  readonly collective: string | null;
  readonly waitingPct: number;
  /** What a rank waits in a step, on average. */
  readonly perStepUs: Microseconds;
  readonly last: readonly { readonly label: string; readonly times: number }[];
  /** "experts": the last rank's expert kernels took longer than the others'. */
  readonly cause: "experts" | "unknown";
}

/** A rank that comes last to most waiting without being slow in its median step. */
export interface LateRank {
  readonly label: string;
  /** Steps in which the others wait for it, of those compared. */
  readonly steps: number;
  readonly of: number;
  /** What one of the others waits in such a step, median. */
  readonly waitingUs: Microseconds;
  /** False for a rank whose trace is cut: whether it is slow is not judged. */
  readonly isComplete: boolean;
}

/** A rank with less to do than the others, which come together. */
export interface EarlyRank {
  readonly label: string;
  readonly fasterByUs: Microseconds;
  /** As {@link Straggler.batch}. */
  readonly batch: string | null;
}

export interface PipelineStage {
  readonly stage: number;
  readonly labels: readonly string[];
  /** A step's busy time without waiting for other ranks: that of the stage's slowest rank. */
  readonly workUs: Microseconds;
  /** The rest of the step. */
  readonly bubbleUs: Microseconds;
  readonly bubblePct: number;
}

/** Point-to-point transfers from one rank to another. */
export interface RanksTransfer {
  /** Short name. */
  readonly kernel: string;
  readonly from: string;
  readonly to: string;
  /** "ends": no peer is recorded; both sides end together, and the lower rank counts as the sender. */
  readonly matchedBy: "peer" | "ends";
  readonly matched: number;
  readonly movingUs: Microseconds;
  readonly senderWaitsUs: Microseconds;
  readonly receiverWaitsUs: Microseconds;
}

export interface LeftOut {
  /** Short name. */
  readonly kernel: string;
  readonly label: string;
  readonly us: Microseconds;
  readonly why: string;
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
  /** Requests of a step; null where the trace does not tell. */
  readonly batch: number | null;
  /** Medians over the steps, beside that of the step; null where no step has GPU work. */
  readonly perStep: RankPerStep | null;
}

interface RankPerStep {
  readonly gpuTimeUs: Microseconds;
  readonly busyUs: Microseconds;
  readonly idleUs: Microseconds;
  /** Sums of durations. */
  readonly computeUs: Microseconds;
  readonly commUs: Microseconds;
  readonly exposedCommUs: Microseconds;
  readonly waitingUs: Microseconds;
}

/** A rank whose own part of a step takes longer than the others' beyond noise. */
export interface Straggler {
  readonly label: string;
  /** Waiting for it is most of the time in this collective (short name); null where there is none. */
  readonly waitedForIn: string | null;
  /** Where it runs on another number of requests than the others: "32 requests, the others 16". */
  readonly batch: string | null;
  /** Median over the steps of own time less the others' median of the same step. */
  readonly slowerByUs: Microseconds;
  /** Of the others' own time. */
  readonly slowerByPct: number;
  readonly noiseUs: Microseconds;
  /** By how much all its kernels take longer: clock or power; null where they change each by its own. */
  readonly uniformPct: number | null;
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
