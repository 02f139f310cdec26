import type { HealthFinding } from "../../model/contracts/health.ts";
import type { RequestsReport, TimelineReport } from "../../model/contracts/report.ts";
import type { StageName } from "../../model/framework.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";

/** What comparing ranks needs to know of one of them: plain data, a small part of its trace. */
export interface RankMeasure {
  readonly rank: number | null;
  /** True where the trace itself says which rank it is. */
  readonly isRecorded: boolean;
  readonly paths: readonly string[];
  /** What is missing of the trace; null when it is complete. */
  readonly damage: string | null;
  /** What contradicts itself in its recording. */
  readonly health: readonly HealthFinding[];
  /** Ranks of the job, where recorded. */
  readonly worldSize: number | null;
  readonly identity: RankIdentity;
  /** Where it runs, as far as its trace tells: nodes are found by it. */
  readonly place: {
    readonly host: string | null;
    /** The only one that its kernels ran on. */
    readonly device: number | null;
    /** How many its process sees. */
    readonly devices: number;
  };
  /** Process groups of two and more, as recorded. */
  readonly groups: readonly { readonly desc: string; readonly ranks: readonly number[] }[];
  /** Where the trace counts from and how far it reaches, absolute µs by the rank's own clock. */
  readonly window: { readonly fromUs: number; readonly toUs: number };
  readonly stages: readonly StageMeasure[];
  /** All stages as one, for ranks that do different things in one iteration; null over several files. */
  readonly whole: WholeMeasure | null;
}

interface WholeMeasure {
  readonly measure: StageMeasure;
  /** By step of it: the stage that its label tells. */
  readonly stageOf: readonly StageName[];
}

/** What is the same on all ranks of one run; null where not recorded. */
export interface RankIdentity {
  readonly engine: string | null;
  readonly model: string | null;
  readonly gpu: string | null;
  readonly driver: string | null;
  /** Version of the CUDA or HIP runtime. */
  readonly runtime: string | null;
}

export interface StageMeasure {
  readonly stage: StageName;
  readonly timeline: TimelineReport;
  readonly requests: RequestsReport;
  /** Steps with GPU work, in order. */
  readonly steps: StepColumns;
  /** All but collectives: those take as long as the slowest rank lets them. */
  readonly kernels: readonly KernelTime[];
  /** Time by category, step by step; copies and fills are "memory". */
  readonly categories: ReadonlyMap<string, Float64Array>;
  readonly collectives: readonly CollectiveSequence[];
  readonly transfers: readonly TransferSequence[];
  /** Communication of which nothing says what it is, ns. */
  readonly unclear: readonly { readonly shortName: string; readonly ns: Nanoseconds }[];
}

interface StepColumns {
  readonly count: number;
  /** Index among all steps of the trace. */
  readonly step: Int32Array;
  /** Relative to this rank's own base. */
  readonly end: Float64Array;
  readonly duration: Float64Array;
  readonly gpuTime: Float64Array;
  readonly busy: Float64Array;
  readonly idle: Float64Array;
  readonly exposedComm: Float64Array;
}

export interface KernelTime {
  readonly name: string;
  readonly category: string;
  /** Of the median step, of those that run it. */
  readonly ns: Nanoseconds;
}

/** Launches of one kernel by start. */
interface LaunchSequence {
  readonly kernel: string;
  readonly shortName: string;
  readonly duration: Float64Array;
  /** Relative to this rank's own base. */
  readonly end: Float64Array;
  /** Index into the stage's steps, -1 where no step launched it. */
  readonly step: Int32Array;
}

/** The launches of one collective kernel in one process group, or on one stream. */
export interface CollectiveSequence extends LaunchSequence {
  /** Equal on the ranks that run it together, once the group is known. */
  readonly kind: string;
  readonly category: string;
  readonly collective: string | null;
  readonly group: string | null;
  readonly hasNumbers: boolean;
  /** Per launch: time of expert kernels since the communication before it, ns. */
  readonly experts: Float64Array;
  /** Per launch what its partners have equal. */
  readonly keys: readonly string[];
}

/** Transfers from or to one peer. */
export interface TransferSequence extends LaunchSequence {
  readonly isSend: boolean;
  /** Null where not recorded. */
  readonly peer: number | null;
}
