/** What a test or script asks for: which engine serves which model how, and what to leave out. */
import type { Call } from "./calls.ts";
import type { GpuName } from "./machine.ts";
import type { Timing } from "./scene.ts";

export type EngineName = "sglang" | "vllm" | "trtllm" | "tokenspeed" | "hf";

export interface StepSpec {
  readonly stage: "prefill" | "decode" | "mixed";
  /** Sequences in the batch. */
  readonly batchSize: number;
  /** New tokens of the whole batch (equals batchSize when decoding). */
  readonly tokens: number;
  /** How the model part runs. */
  readonly mode: "eager" | "graph" | "piecewise";
}

export interface TraceSpec {
  readonly engine: EngineName;
  /** Which model the engine serves; "" for its first. */
  readonly model: string;
  readonly gpu: GpuName;
  readonly tp: number;
  readonly layers: number;
  readonly steps: readonly StepSpec[];
  readonly seed: number;
  /** Switches a model understands ("fused-allreduce-norm", …). */
  readonly features: readonly string[];
  readonly stacks: boolean;
  readonly shapes: boolean;
  readonly timing: Partial<Timing>;
  /** Factor on the GPU time of a role ("attention": 1.3), for before/after pairs. */
  readonly slower: Readonly<Record<string, number>>;
  /** The same for single ranks, by rank. */
  readonly slowerByRank: readonly Readonly<Record<string, number>>[];
  /** How much later each rank's host is, ns. */
  readonly skewNs: readonly number[];
  /** Graph replays: a kernel unknown to the capture before every n-th node; 0 for none. */
  readonly paddingEvery: number;
  readonly nodeIds: boolean;
  /** Shift of the window, so that two traces of one server do not start alike. */
  readonly startUs: number;
}

/** Sensible defaults; every test names only what it is about. */
export function traceSpec(part: Partial<TraceSpec> & Pick<TraceSpec, "engine">): TraceSpec {
  return {
    model: "",
    gpu: "h100",
    tp: 1,
    layers: 4,
    steps: [{ stage: "decode", batchSize: 32, tokens: 32, mode: "eager" }],
    seed: 1,
    features: [],
    stacks: true,
    shapes: true,
    timing: {},
    slower: {},
    slowerByRank: [],
    skewNs: [],
    paddingEvery: 0,
    nodeIds: false,
    startUs: 0,
    ...part,
  };
}

export function hasFeature(spec: TraceSpec, feature: string): boolean {
  return spec.features.includes(feature);
}

/** One serving engine: how its process calls the model. One file each in `engines/`. */
export interface Engine {
  readonly processName: string;
  readonly pid: number;
  readonly streams: Readonly<Record<string, number>>;
  /** Another thread's frames, outermost first. */
  readonly idleThread: readonly string[];
  session(spec: TraceSpec): Call[];
  /** The stream capture of the graph for `batchSize`, as recorded at start-up. */
  capture(spec: TraceSpec, batchSize: number): Call[];
}
