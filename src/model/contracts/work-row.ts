import type { Microseconds } from "../trace/units.ts";

/** One op and shape against the limit of its machine. FLOP and bytes are of one call, times of all. */
export interface WorkRow {
  readonly op: string;
  /** Ids of the kernels that do it. */
  readonly kernels: readonly string[];
  readonly dims: string;
  readonly types: string;
  /** Calls. */
  readonly count: number;
  readonly kernelUs: Microseconds;
  readonly flop: number;
  readonly bytes: number;
  /** The rate that FLOP are measured by; "memory" or "link" where nothing is computed. */
  readonly rate: string;
  readonly boundBy: "compute" | "memory" | "link";
  readonly tflops: number;
  readonly tbps: number;
  /** Null where the machine is not known. */
  readonly floorUs: Microseconds | null;
  /** Above 100 the figures contradict each other: a model, a shape or a peak is wrong. */
  readonly pctOfLimit: number | null;
  /** The same of the median call: far from it where few calls took unusually long. */
  readonly usualPctOfLimit: number | null;
  readonly headroomUs: Microseconds | null;
  /** The figures are a bound that is certain: the limit is at least so near, the headroom at most so large. */
  readonly atLeast: boolean;
  /** Enough of its bytes fit into the machine's last cache that it may run faster than memory. */
  readonly fitsCache: boolean;
  readonly shapesFrom: "op" | "capture" | "mapping" | "model-config";
  readonly assuming: readonly string[];
  /** Id of the work model; null for transfers and collectives, which say themselves what they move. */
  readonly model: string | null;
}

/** A stage against the limit of its machine. */
export interface StageLimits {
  /** Title of the machine; null where it is not known. */
  readonly machine: string | null;
  /** Share of GPU time whose work is known, 0-100. */
  readonly modelledPct: number;
  /** Kernel time whose work is known. */
  readonly modelledUs: Microseconds;
  readonly floorUs: Microseconds | null;
  /** Modelled kernel time over its floor. */
  readonly timesFloor: number | null;
  /** The part of `modelledUs` whose figures are only a bound: the floor is at least, `timesFloor` at most what it says. */
  readonly atLeastUs: Microseconds;
  /** Rows above 100 %. */
  readonly contradictions: number;
  /** What the machine can do at most; null where it is not known. */
  readonly peaks: Peaks | null;
  /** Collectives with a figure; null without any. */
  readonly collectives: CollectiveLimits | null;
  readonly unmodelled: readonly { readonly why: string; readonly us: Microseconds }[];
}

/** The roofs of a machine that rows of a stage are held against. */
export interface Peaks {
  /** TB/s. */
  readonly memory: number;
  readonly link: number;
  /** TFLOP/s by the rate's name in the rows, fastest first. */
  readonly compute: readonly { readonly rate: string; readonly tflops: number }[];
}

/** Time of collectives against what their messages need of the link: the rest is waiting and latency. */
interface CollectiveLimits {
  readonly us: Microseconds;
  readonly floorUs: Microseconds | null;
}

/** A kernel row against the limit. */
export interface KernelLimit {
  /** Of its time, 0-100. */
  readonly modelledPct: number;
  readonly tflops: number;
  readonly tbps: number;
  readonly boundBy: "compute" | "memory" | "link";
  readonly floorUs: Microseconds | null;
  readonly pctOfLimit: number | null;
  /** The same of the median call: far from it where few calls took unusually long. */
  readonly usualPctOfLimit: number | null;
  readonly headroomUs: Microseconds | null;
  /** As {@link WorkRow.atLeast}, where that holds for any of its launches. */
  readonly atLeast: boolean;
}
