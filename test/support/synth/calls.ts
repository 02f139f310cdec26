/**
 * The vocabulary of model descriptions: a call tree as plain data. A description says what runs
 * (frames, modules, ops, kernels); `record.ts` decides when.
 */
import type { Json } from "./trace.ts";

export type Dim3 = readonly [number, number, number];

/** A Python frame. Plumbing (torch internals, wrappers) is never the site of a kernel. */
export interface PyCall {
  readonly kind: "py";
  readonly name: string;
  readonly plumbing: boolean;
  readonly body: readonly Call[];
}

/** An nn.Module's `__call__`; instances are numbered per class, as the profiler does. */
export interface ModuleCall {
  readonly kind: "module";
  readonly type: string;
  /** Attribute name within the parent; tells two instances of one class apart. */
  readonly as: string;
  readonly body: readonly Call[];
}

export interface OpCall {
  readonly kind: "op";
  readonly name: string;
  readonly dims: readonly Json[];
  readonly types: readonly string[];
  readonly extra: Readonly<Record<string, Json>>;
  readonly body: readonly Call[];
}

export interface AnnotationCall {
  readonly kind: "annotation";
  readonly name: string;
  readonly body: readonly Call[];
}

/** A device execution and the call that launches it. */
export interface GpuCall {
  readonly kind: "kernel" | "copy" | "fill";
  readonly name: string;
  readonly role: string;
  /** Duration on the GPU, µs, before jitter. */
  readonly us: number;
  readonly grid: Dim3;
  readonly block: Dim3;
  readonly registers: number;
  readonly sharedMemory: number;
  readonly bytes: number;
  readonly stream: string;
  readonly api: string;
  /** Starts this many µs before its predecessor on the stream ends (programmatic dependent launch). */
  readonly earlyUs: number;
  /** Ends together with its peers on the other ranks. */
  readonly collective: boolean;
  /** The host waits until it is done (pageable copies, `.item()`). */
  readonly blocking: boolean;
  /** Extra args of the GPU event (collectives carry theirs). */
  readonly extra: Readonly<Record<string, Json>>;
}

/**
 * A runtime call without GPU work. `waits` names a stream or a mark: the host is blocked until it
 * is reached.
 */
export interface ApiCall {
  readonly kind: "api";
  readonly name: string;
  readonly waits: string | null;
}

/** An event recorded on a stream: reached when the stream has done what it holds now. */
export interface MarkCall {
  readonly kind: "mark";
  readonly name: string;
  readonly stream: string;
}

/** Work of `to` queued later waits for what `from` holds now (event record + stream wait). */
export interface FenceCall {
  readonly kind: "fence";
  readonly from: string;
  readonly to: string;
}

/** Host time without events, µs. */
export interface PauseCall {
  readonly kind: "pause";
  readonly us: number;
}

export interface LayerCall {
  readonly kind: "layer";
  readonly index: number;
  readonly body: readonly Call[];
}

export interface StepCall {
  readonly kind: "step";
  readonly index: number;
  readonly stage: "prefill" | "decode" | "mixed";
  readonly label: string;
  readonly batchSize: number;
  readonly tokens: number;
  readonly body: readonly Call[];
}

/** Runs eagerly even inside a piecewise graph; splits the graph there. */
export interface BreakCall {
  readonly kind: "break";
  readonly body: readonly Call[];
}

/** One CUDA/HIP graph: captured (launches, no kernels) or replayed (kernels, one launch). */
export interface GraphCall {
  readonly kind: "graph";
  readonly id: string;
  readonly act: "capture" | "replay";
  /** Breaks in the body run eagerly and split it into one graph per piece. */
  readonly piecewise: boolean;
  /** Replay only: frames around each graph launch, outermost first. */
  readonly around: readonly string[];
  /** Replay only: kernels the capture never launched, before every n-th node; 0 for none. */
  readonly paddingEvery: number;
  /** Replay only: writes "graph node id" on each kernel. */
  readonly nodeIds: boolean;
  readonly body: readonly Call[];
}

export type Call =
  | PyCall
  | ModuleCall
  | OpCall
  | AnnotationCall
  | GpuCall
  | ApiCall
  | FenceCall
  | MarkCall
  | PauseCall
  | LayerCall
  | StepCall
  | BreakCall
  | GraphCall;
