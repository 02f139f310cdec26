import type { StageName } from "../../model/framework.ts";
import type { TimelineReport } from "../../model/report.ts";
import type { Nanoseconds } from "../../model/units.ts";

/** What comparing ranks needs to know of one of them: plain data, a small part of its trace. */
export interface RankMeasure {
  readonly rank: number | null;
  readonly paths: readonly string[];
  /** What is missing of the trace; null when it is complete. */
  readonly damage: string | null;
  /** Ranks of the job, where recorded. */
  readonly worldSize: number | null;
  readonly stages: readonly StageMeasure[];
}

export interface StageMeasure {
  readonly stage: StageName;
  readonly timeline: TimelineReport;
  /** Steps with GPU work, in order. */
  readonly steps: {
    readonly label: readonly string[];
    /** Relative to this rank's own base. */
    readonly end: Float64Array;
    readonly duration: Float64Array;
    readonly exposedComm: Float64Array;
  };
  /** All but collectives: those take as long as the slowest rank lets them. */
  readonly kernels: readonly KernelTime[];
  readonly collectives: readonly CollectiveSequence[];
}

export interface KernelTime {
  readonly name: string;
  readonly category: string;
  readonly ns: Nanoseconds;
}

/** The launches of one collective kernel in one process group, or on one stream, by start. */
export interface CollectiveSequence {
  /** Equal on the ranks that run it together. */
  readonly kind: string;
  readonly kernel: string;
  readonly shortName: string;
  readonly category: string;
  readonly collective: string | null;
  readonly group: string | null;
  readonly matchedBy: "sequence number" | "group and order" | "kernel name and order";
  /** Per launch what its partners have equal. */
  readonly keys: readonly string[];
  readonly duration: Float64Array;
  /** Relative to this rank's own base. */
  readonly end: Float64Array;
  /** Index into the stage's steps, -1 where no step launched it. */
  readonly step: Int32Array;
}
