import type { Call } from "./calls.ts";
import type { Gpu } from "./machine.ts";

/** Costs on host and device, ns; each draw is scattered by `jitter`. */
export interface Timing {
  /** Entering a Python frame under the profiler. */
  readonly frameNs: number;
  /** Dispatching an op. */
  readonly opNs: number;
  readonly launchNs: number;
  /** A graph launch costs this plus `graphNodeNs` per kernel. */
  readonly graphLaunchNs: number;
  readonly graphNodeNs: number;
  /** From the end of the launch call to the earliest start on an idle GPU. */
  readonly launchToStartNs: number;
  /** Between dependent kernels of one stream. */
  readonly gapNs: number;
  /** Share by which every duration is scattered; 0 makes times exact. */
  readonly jitter: number;
}

export const TIMING: Timing = {
  frameNs: 700,
  opNs: 2_600,
  launchNs: 4_600,
  graphLaunchNs: 60_000,
  graphNodeNs: 450,
  launchToStartNs: 3_100,
  gapNs: 880,
  jitter: 0.12,
};

/** Everything one rank's trace is made from. */
export interface Scene {
  readonly seed: number;
  readonly gpu: Gpu;
  /** GPU ordinal the kernels run on, and how many devices the host lists. */
  readonly device: number;
  readonly devices: number;
  readonly rank: number;
  readonly worldSize: number;
  readonly pid: number;
  readonly processName: string;
  /** Stream number per name used in the description; the number is what the trace shows. */
  readonly streams: Readonly<Record<string, number>>;
  readonly timing: Timing;
  /** Factor on the GPU time of a role. */
  readonly slower: Readonly<Record<string, number>>;
  readonly baseUs: number;
  /** Written verbatim as `baseTimeNanoseconds`; beyond 2^53. */
  readonly baseTimeNs: bigint;
  /** First correlation, External and Python ids of this trace. */
  readonly firstCorrelation: number;
  readonly firstExternalId: number;
  readonly firstPythonId: number;
  /** Host head start of this rank, ns. */
  readonly skewNs: number;
  readonly stacks: boolean;
  readonly shapes: boolean;
  /** Frames of another Python thread, outermost first; they land on tid 0. */
  readonly idleThread: readonly string[];
  readonly traceName: string;
  readonly calls: readonly Call[];
}
