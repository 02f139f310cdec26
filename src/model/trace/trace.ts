import type { TraceHealth } from "../contracts/health.ts";
import type { Nanoseconds, Row, StringId } from "./units.ts";

/**
 * One rank's trace as columns. Every table is a struct of equally long arrays; row `i` of each
 * column belongs together. Built by `ingest`, read by everyone, changed by nobody.
 */
export interface Trace {
  readonly origin: TraceOrigin;
  /** Absolute µs (integer) of relative time 0, as the file counts; compare traces of one host with it. */
  readonly baseUs: number;
  /** Interned texts; id 0 is "". */
  readonly strings: readonly string[];
  /** GPU events by ascending start, ties in file order. This row number is the kernel's identity everywhere. */
  readonly gpu: GpuEvents;
  /** Host calls of the CUDA/HIP runtime and driver by ascending start, ties in file order. */
  readonly launches: Launches;
  /** CPU ops ordered by (thread, start, longest first): a parent always precedes its children. */
  readonly ops: CpuOps;
  /** Python frames in the same order as {@link ops}. */
  readonly frames: Frames;
  /** user_annotation and gpu_user_annotation by ascending start. */
  readonly annotations: Annotations;
  /** Explicit stream waits and host synchronisations where the profiler recorded them (cuda_sync). */
  readonly syncs: Syncs;
  readonly streams: readonly StreamKey[];
  readonly threads: readonly ThreadKey[];
  /** Names of GPU events, decided once: `gpu.name[i]` is an index into this list, not into `strings`. */
  readonly kernelNames: readonly KernelName[];
  readonly metadata: TraceMetadata;
  /** What the checks found; absent before them. */
  readonly health?: TraceHealth;
}

/** A GPU event's name in the three spellings we need. */
export interface KernelName {
  /** As the file has it. */
  readonly raw: string;
  /** Demangled, without leading return type or `void `, without the argument list. Equals raw where nothing applies. */
  readonly demangled: string;
  /** For people: demangled with template arguments folded, at most ~80 characters; tile sizes stay. */
  readonly short: string;
}

export interface TraceOrigin {
  readonly path: string;
  readonly role: "input" | "mapping" | "formal" | "capture";
  /** Rank in the job from distributedInfo, else the file name; null when neither tells. */
  readonly rank: number | null;
  /** What the rank came from, in words ("file name TP-0", "distributedInfo"). */
  readonly rankFrom: string | null;
  /** Bytes read from disk (compressed when the file is). */
  readonly bytes: number;
  /** Objects seen in `traceEvents`, kept or not. */
  readonly events: number;
  /** False when the file ended early or a part of it could not be read. */
  readonly complete: boolean;
  /** What was wrong and where, when not complete: plain words with the byte offset. */
  readonly damage: string | null;
  /** Events may be missing behind the damage; false where only damaged parts were passed over. */
  readonly isCut: boolean;
  /** Events we do not use, counted by category ("ac2g", "cpu_instant_event", …). */
  readonly dropped: Readonly<Record<string, number>>;
  /** Elements that were not valid JSON or lacked what their kind needs; counted, never fatal. */
  readonly unreadable: number;
  /** The same by kind, with events that lost a part and were kept. */
  readonly losses: readonly {
    /** "" where it was lost too. */
    readonly category: string;
    /** What could not be read: "everything", "duration", "args.correlation". */
    readonly what: string;
    readonly count: number;
  }[];
  /** Events whose elements were no valid JSON and that were read all the same. */
  readonly salvaged: number;
  /** Names of processes as the file labels its lanes. */
  readonly processes: readonly string[];
}

/** `cat` of a GPU event: kernel, gpu_memcpy, gpu_memset. */
export const GPU_KIND = { kernel: 0, copy: 1, fill: 2 } as const;
export type GpuKind = (typeof GPU_KIND)[keyof typeof GPU_KIND];

export interface GpuEvents {
  readonly count: number;
  readonly kind: Uint8Array;
  /** Index into {@link Trace.kernelNames}. */
  readonly name: Uint32Array;
  /** Index into {@link Trace.streams}. */
  readonly stream: Uint16Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly correlation: Float64Array;
  readonly externalId: Float64Array;
  /** CUDA graph ids where the profiler wrote them ("graph id", "graph node id"); NO_ID elsewhere. */
  readonly graphId: Float64Array;
  readonly graphNodeId: Float64Array;
  /** StringId of "gx,gy,gz/bx,by,bz" (grid/block), 0 where not recorded. */
  readonly dims: Uint32Array;
  /** Bytes moved by a copy or fill; 0 where not recorded. */
  readonly bytes: Float64Array;
  /** As {@link CpuOps.collective}, where the kernel itself carries it (NCCL's do). */
  readonly collective: Uint32Array;
}

export const LAUNCH_API = { runtime: 0, driver: 1 } as const;

interface Launches {
  readonly count: number;
  readonly api: Uint8Array;
  /** StringId of the API call ("cudaLaunchKernel", "cuLaunchKernelEx", "hipGraphLaunch", …). */
  readonly name: Uint32Array;
  /** Index into {@link Trace.threads}. */
  readonly thread: Uint16Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly correlation: Float64Array;
  readonly externalId: Float64Array;
  /** StringId of `args.kernel` (HIP writes it), 0 elsewhere. Raw spelling. */
  readonly kernel: Uint32Array;
  /** As {@link GpuEvents.dims}, from args.grid/args.block where the launch carries them. */
  readonly dims: Uint32Array;
  /** Stream the call names in its args (`stream`), as text; 0 elsewhere. StringId. */
  readonly stream: Uint32Array;
  /** StringId of the copy kind or other detail ("kind": "DtoD") and 0 elsewhere. */
  readonly detail: Uint32Array;
}

interface CpuOps {
  readonly count: number;
  readonly name: Uint32Array;
  readonly thread: Uint16Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly externalId: Float64Array;
  /** StringId of the JSON text of "Input Dims", 0 where shapes were not recorded. */
  readonly shapes: Uint32Array;
  /** StringId of the JSON text of "Input type". */
  readonly types: Uint32Array;
  /** StringId of the JSON text of "Input Strides" (elements), 0 where not recorded. */
  readonly strides: Uint32Array;
  /** StringId of the JSON text of "Concrete Inputs": scalars and lists of scalars as texts, "" for tensors. */
  readonly concrete: Uint32Array;
  /** StringId of the JSON text of a collective's own arguments (record_param_comms), 0 elsewhere. */
  readonly collective: Uint32Array;
}

interface Frames {
  readonly count: number;
  /** StringId: "vllm/_custom_ops.py(334): fused_add_rms_norm" or "nn.Module: RMSNorm_3" or "<built-in …>". */
  readonly name: Uint32Array;
  readonly thread: Uint16Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
}

interface Annotations {
  readonly count: number;
  readonly name: Uint32Array;
  /** 1 for gpu_user_annotation. */
  readonly onGpu: Uint8Array;
  /** Thread index for host annotations, stream index for GPU ones. */
  readonly lane: Uint16Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly externalId: Float64Array;
  /** As {@link CpuOps.shapes}, where the annotation of a library carries its arguments ("nccl:all_reduce"). */
  readonly shapes: Uint32Array;
  /** As {@link CpuOps.types}. */
  readonly types: Uint32Array;
}

interface Syncs {
  readonly count: number;
  readonly name: Uint32Array;
  /** Stream index that waits (or is synchronised). */
  readonly stream: Uint16Array;
  /** Stream index waited for; 65535 where not recorded. */
  readonly waitedFor: Uint16Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly correlation: Float64Array;
}

export interface StreamKey {
  readonly device: number;
  /** Stream id as the file spells it. */
  readonly stream: string;
  /** Pid of the GPU lane where several ranks of a merged file share the stream's device and number. */
  readonly owner?: string;
  /** Of such a lane the host process that launches on it, where that is told. */
  readonly process?: string;
}

export interface ThreadKey {
  readonly pid: string;
  readonly tid: string;
  readonly name: string | null;
}

export interface TraceMetadata {
  readonly devices: readonly DeviceProperties[];
  readonly distributed: DistributedInfo | null;
  readonly vendor: "nvidia" | "amd" | "unknown";
  /** What decided the vendor: "deviceProperties", "hip runtime calls", … */
  readonly vendorFrom: string | null;
  /** Profiler settings: record_shapes, with_stack, with_modules, profile_memory, with_flops (1/0 in the file). */
  readonly settings: Readonly<Record<string, boolean>>;
  /** Every other top-level key of the file that is a scalar or small (versions, trace_id, …). */
  readonly other: Readonly<Record<string, unknown>>;
}

export interface DeviceProperties {
  readonly id: number;
  /** "" when the file leaves it empty. */
  readonly name: string;
  /** Compute capability "10.0" or gfx name where told; null otherwise. */
  readonly computeCapability: string | null;
  readonly multiprocessors: number | null;
  readonly memoryBytes: number | null;
}

export interface DistributedInfo {
  readonly backend: string | null;
  readonly rank: number | null;
  readonly worldSize: number | null;
  /** Process groups: description and member count, as `pg_config` lists them. */
  readonly groups: readonly {
    readonly name: string;
    readonly desc: string;
    readonly size: number | null;
    readonly ranks: readonly number[];
  }[];
}

/** End of GPU event `row`. Ends are derived: storing them would cost 8 bytes an event. */
export function gpuEnd(gpu: GpuEvents, row: Row): Nanoseconds {
  return gpu.start[row]! + gpu.duration[row]!;
}

/** The spellings of a GPU event's name. */
export function kernelNameAt({ kernelNames, gpu }: Trace, row: Row): KernelName {
  return kernelNames[gpu.name[row]!]!;
}

/** Text behind a StringId, "" for 0 and for ids out of range. */
export function text(trace: Trace, id: StringId): string {
  return trace.strings[id] ?? "";
}
