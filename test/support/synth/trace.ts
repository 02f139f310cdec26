/** What the synthesiser hands out: a torch.profiler trace as data, and the truth about it. */

export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** One element of `traceEvents`. Times are whole nanoseconds since {@link SynthTrace.baseUs}. */
export interface SynthEvent {
  ph: "X" | "s" | "f" | "i" | "M";
  cat?: string;
  name: string;
  pid: number | string;
  tid: number | string;
  ts: number;
  dur?: number;
  id?: number;
  args?: Record<string, Json>;
}

export interface SynthTrace {
  /** Absolute µs that relative time 0 stands for; up to 16 digits, as in real files. */
  baseUs: number;
  /** Top-level keys written before `traceEvents`, in order. */
  head: [key: string, value: Json][];
  /** Top-level keys written after it. */
  tail: [key: string, value: Json][];
  events: SynthEvent[];
  truth: Truth;
}

/** What is true of a synthesised trace by construction. */
export interface Truth {
  /** GPU events in launch order. */
  readonly kernels: KernelTruth[];
  /** Launches recorded while a graph was captured, in order. */
  readonly captured: CapturedLaunch[];
  readonly steps: StepTruth[];
}

/** Where a kernel or launch comes from. Lists run innermost first. */
export interface Origin {
  /** Short name of the job in the model description ("qkv_proj"). */
  readonly role: string;
  /** Innermost Python frame of the engine's or model's own code; null without stacks. */
  readonly site: string | null;
  readonly stack: readonly string[];
  /** "Qwen3MoeDecoderLayer_0.RMSNorm_1", outermost first; null outside modules. */
  readonly modulePath: string | null;
  readonly ops: readonly string[];
  readonly layer: number | null;
  readonly step: number | null;
}

export interface KernelTruth extends Origin {
  readonly event: SynthEvent;
  /** The launch's event; null when it lies outside the window. */
  launch: SynthEvent | null;
  /** Place in a replayed graph; `node` null marks a kernel the capture never launched (padding). */
  readonly graph: { readonly id: string; readonly node: number | null } | null;
}

export interface CapturedLaunch extends Origin {
  readonly event: SynthEvent;
  readonly graph: { readonly id: string; readonly node: number };
}

export interface StepTruth {
  readonly index: number;
  readonly stage: "prefill" | "decode" | "mixed";
  readonly label: string;
  readonly batchSize: number;
  readonly tokens: number;
}

/** GPU events of a trace: kernels, copies, fills. */
export function isGpuEvent(event: SynthEvent): boolean {
  return event.cat === "kernel" || event.cat === "gpu_memcpy" || event.cat === "gpu_memset";
}

/** End of an event, ns. */
export function endOf(event: SynthEvent): number {
  return event.ts + (event.dur ?? 0);
}
