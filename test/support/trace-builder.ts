import {
  GPU_KIND,
  type GpuKind,
  LAUNCH_API,
  type StreamKey,
  type ThreadKey,
  type Trace,
  type TraceMetadata,
} from "../../src/model/trace/trace.ts";
import { NO_ID } from "../../src/model/trace/units.ts";
import { kernelName } from "../../src/names/kernel-name.ts";

interface Span {
  readonly name: string;
  readonly thread: number;
  readonly start: number;
  readonly duration: number;
}

interface OpSpan extends Span {
  readonly externalId: number;
  readonly shapes: string;
  readonly types: string;
  readonly strides: string;
  readonly concrete: string;
}

interface LaunchSpan extends Span {
  readonly correlation: number;
  readonly externalId: number;
  readonly kernel: string;
}

interface GpuSpan {
  readonly name: string;
  readonly kind: GpuKind;
  readonly stream: number;
  readonly start: number;
  readonly duration: number;
  readonly correlation: number;
  readonly externalId: number;
  readonly grid: string;
}

interface AnnotationSpan extends Span {
  readonly onGpu: boolean;
  readonly shapes: string;
  readonly types: string;
}

export interface KernelOptions {
  /** Microseconds; by default after the last event of the stream. */
  readonly at?: number;
  /** Microseconds, 10 by default. */
  readonly us?: number;
  readonly stream?: string;
  readonly kind?: GpuKind;
  readonly externalId?: number;
  /** "gx,gy,gz/bx,by,bz" */
  readonly grid?: string;
}

/**
 * Writes a Trace by hand, in microseconds, for tests of what comes after reading:
 *
 * ```ts
 * trace().kernel("gemm").inside("aten::mm").frames("vllm/linear.py(9): apply").build()
 * ```
 *
 * Everything said after `kernel` is about how that kernel was launched. A kernel nobody launched
 * has no launch in the trace.
 */
export class TraceBuilder {
  readonly #gpu: GpuSpan[] = [];
  readonly #launches: LaunchSpan[] = [];
  readonly #ops: OpSpan[] = [];
  readonly #frames: Span[] = [];
  readonly #annotations: AnnotationSpan[] = [];
  readonly #threads: ThreadKey[] = [{ pid: "1", tid: "1", name: "main" }];
  readonly #streams: StreamKey[] = [];
  #metadata: Partial<TraceMetadata> = {};
  #host = 1000;
  #nextId = 1;

  kernel(name: string, options: KernelOptions = {}): KernelBuilder {
    const stream = this.#streamOf(options.stream ?? "7");
    const before = this.#gpu.filter((each) => each.stream === stream).at(-1);
    const start =
      options.at === undefined ? (before ? before.start + before.duration : 0) : ns(options.at);
    const event: GpuSpan = {
      name,
      kind: options.kind ?? GPU_KIND.kernel,
      stream,
      start,
      duration: ns(options.us ?? 10),
      correlation: this.#nextId++,
      externalId: options.externalId ?? NO_ID,
      grid: options.grid ?? "",
    };
    this.#gpu.push(event);
    return new KernelBuilder(this, event.correlation);
  }

  copy(name: string, options: KernelOptions = {}): KernelBuilder {
    return this.kernel(name, { ...options, kind: GPU_KIND.copy });
  }

  /** Kernels of one graph replay: one launch behind all of them. */
  replay(
    names: readonly string[],
    options: {
      at?: number;
      us?: number;
      gapUs?: number;
      launch?: string;
      gridOf?: (name: string) => string;
    } = {},
  ): this {
    const correlation = this.#nextId++;
    const stream = this.#streamOf("7");
    let start = ns(options.at ?? 0);
    for (const name of names) {
      const duration = ns(options.us ?? 10);
      this.#gpu.push({
        name,
        kind: GPU_KIND.kernel,
        stream,
        start,
        duration,
        correlation,
        externalId: NO_ID,
        grid: options.gridOf?.(name) ?? "",
      });
      start += duration + ns(options.gapUs ?? 0);
    }
    this.launch(options.launch ?? "cudaGraphLaunch", { correlation });
    return this;
  }

  frame(text: string, from: number, to: number, thread = 0): this {
    this.#frames.push({ name: text, thread, start: ns(from), duration: ns(to - from) });
    return this;
  }

  op(
    name: string,
    from: number,
    to: number,
    options: {
      thread?: number;
      externalId?: number;
      shapes?: string;
      types?: string;
      strides?: string;
      concrete?: string;
    } = {},
  ): this {
    this.#ops.push({
      name,
      thread: options.thread ?? 0,
      start: ns(from),
      duration: ns(to - from),
      externalId: options.externalId ?? NO_ID,
      shapes: options.shapes ?? "",
      types: options.types ?? "",
      strides: options.strides ?? "",
      concrete: options.concrete ?? "",
    });
    return this;
  }

  /** A host call; by default 2 µs long at the host's clock, which then moves on by 10 µs. */
  launch(
    name: string,
    options: {
      correlation?: number;
      at?: number;
      us?: number;
      thread?: number;
      externalId?: number;
      kernel?: string;
    } = {},
  ): this {
    const start = options.at === undefined ? this.#host : ns(options.at);
    this.#host = Math.max(this.#host, start + ns(10));
    this.#launches.push({
      name,
      thread: options.thread ?? 0,
      start,
      duration: ns(options.us ?? 2),
      correlation: options.correlation ?? NO_ID,
      externalId: options.externalId ?? NO_ID,
      kernel: options.kernel ?? "",
    });
    return this;
  }

  annotation(
    name: string,
    from: number,
    to: number,
    options: {
      thread?: number;
      onGpu?: boolean;
      stream?: string;
      shapes?: string;
      types?: string;
    } = {},
  ): this {
    const onGpu = options.onGpu ?? false;
    this.#annotations.push({
      name,
      onGpu,
      thread: onGpu ? this.#streamOf(options.stream ?? "7") : (options.thread ?? 0),
      shapes: options.shapes ?? "",
      types: options.types ?? "",
      start: ns(from),
      duration: ns(to - from),
    });
    return this;
  }

  /** Index of a new host thread, to pass as `thread`. */
  thread(tid: string, name: string | null = null): number {
    return this.#threads.push({ pid: "1", tid, name }) - 1;
  }

  metadata(metadata: Partial<TraceMetadata>): this {
    this.#metadata = metadata;
    return this;
  }

  /** Microseconds on the host's clock: where the next launch goes by default. */
  get clock(): number {
    return this.#host / 1000;
  }

  build(): Trace {
    const strings = new Strings();
    const names = new Strings();
    const gpu = [...this.#gpu].sort((a, b) => a.start - b.start);
    const launches = [...this.#launches].sort((a, b) => a.start - b.start);
    const ops = [...this.#ops].sort(nesting);
    const frames = [...this.#frames].sort(nesting);
    const annotations = [...this.#annotations].sort((a, b) => a.start - b.start);
    const kernelIds = gpu.map((each) => names.id(each.name) - 1);
    const spans = (list: readonly Span[]) => ({
      count: list.length,
      name: Uint32Array.from(list, (each) => strings.id(each.name)),
      thread: Uint16Array.from(list, (each) => each.thread),
      start: Float64Array.from(list, (each) => each.start),
      duration: Float64Array.from(list, (each) => each.duration),
    });
    return {
      origin: {
        path: "built.json",
        role: "input",
        rank: null,
        rankFrom: null,
        bytes: 0,
        events: gpu.length + launches.length + ops.length + frames.length + annotations.length,
        complete: true,
        damage: null,
        isCut: false,
        losses: [],
        salvaged: 0,
        processes: [],
        dropped: {},
        unreadable: 0,
      },
      baseUs: 0,
      gpu: {
        count: gpu.length,
        kind: Uint8Array.from(gpu, (each) => each.kind),
        name: Uint32Array.from(kernelIds),
        stream: Uint16Array.from(gpu, (each) => each.stream),
        start: Float64Array.from(gpu, (each) => each.start),
        duration: Float64Array.from(gpu, (each) => each.duration),
        correlation: Float64Array.from(gpu, (each) => each.correlation),
        externalId: Float64Array.from(gpu, (each) => each.externalId),
        graphId: new Float64Array(gpu.length).fill(NO_ID),
        graphNodeId: new Float64Array(gpu.length).fill(NO_ID),
        dims: Uint32Array.from(gpu, (each) => strings.id(each.grid)),
        bytes: new Float64Array(gpu.length),
        collective: new Uint32Array(gpu.length),
      },
      launches: {
        ...spans(launches),
        api: new Uint8Array(launches.length).fill(LAUNCH_API.runtime),
        correlation: Float64Array.from(launches, (each) => each.correlation),
        externalId: Float64Array.from(launches, (each) => each.externalId),
        kernel: Uint32Array.from(launches, (each) => strings.id(each.kernel)),
        dims: new Uint32Array(launches.length),
        stream: new Uint32Array(launches.length),
        detail: new Uint32Array(launches.length),
      },
      ops: {
        ...spans(ops),
        externalId: Float64Array.from(ops, (each) => each.externalId),
        shapes: Uint32Array.from(ops, (each) => strings.id(each.shapes)),
        types: Uint32Array.from(ops, (each) => strings.id(each.types)),
        strides: Uint32Array.from(ops, (each) => strings.id(each.strides)),
        concrete: Uint32Array.from(ops, (each) => strings.id(each.concrete)),
        collective: new Uint32Array(ops.length),
      },
      frames: spans(frames),
      annotations: {
        count: annotations.length,
        name: Uint32Array.from(annotations, (each) => strings.id(each.name)),
        onGpu: Uint8Array.from(annotations, (each) => Number(each.onGpu)),
        lane: Uint16Array.from(annotations, (each) => each.thread),
        start: Float64Array.from(annotations, (each) => each.start),
        duration: Float64Array.from(annotations, (each) => each.duration),
        externalId: new Float64Array(annotations.length).fill(NO_ID),
        shapes: Uint32Array.from(annotations, (each) => strings.id(each.shapes)),
        types: Uint32Array.from(annotations, (each) => strings.id(each.types)),
      },
      syncs: {
        count: 0,
        name: new Uint32Array(0),
        stream: new Uint16Array(0),
        waitedFor: new Uint16Array(0),
        start: new Float64Array(0),
        duration: new Float64Array(0),
        correlation: new Float64Array(0),
      },
      strings: strings.list,
      streams: this.#streams,
      threads: this.#threads,
      kernelNames: names.list.slice(1).map(kernelName),
      metadata: {
        devices: [],
        distributed: null,
        vendor: "unknown",
        vendorFrom: null,
        settings: {},
        other: {},
        ...this.#metadata,
      },
    };
  }

  #streamOf(stream: string): number {
    const at = this.#streams.findIndex((each) => each.stream === stream);
    return at >= 0 ? at : this.#streams.push({ device: 0, stream }) - 1;
  }
}

/** How one kernel was launched; every other call goes on with the trace. */
export class KernelBuilder {
  readonly #trace: TraceBuilder;
  readonly #correlation: number;
  #ops: { name: string; shapes: string; types: string; concrete: string }[] = [];
  #frames: readonly string[] = [];
  #launched = false;

  constructor(trace: TraceBuilder, correlation: number) {
    this.#trace = trace;
    this.#correlation = correlation;
  }

  /** CPU ops around the launch, outermost first when called repeatedly. */
  inside(op: string, shapes = "", types = "", concrete = ""): this {
    this.#ops.push({ name: op, shapes, types, concrete });
    return this;
  }

  /** Python frames and "nn.Module: X_0" around the launch, outermost first. */
  frames(...texts: string[]): this {
    this.#frames = texts;
    return this;
  }

  /** Closes the kernel: writes its launch and everything around it at the host's clock. */
  launchedBy(
    api = "cudaLaunchKernel",
    options: { at?: number; us?: number; thread?: number } = {},
  ) {
    const at = options.at ?? this.#trace.clock;
    const us = options.us ?? 2;
    const thread = options.thread ?? 0;
    const layers = this.#frames.length + this.#ops.length;
    // Each layer starts and ends a nanosecond inside the one around it.
    let depth = layers + 1;
    for (const text of this.#frames) {
      this.#trace.frame(text, at - depth / 1000, at + us + depth / 1000, thread);
      depth--;
    }
    for (const op of this.#ops) {
      this.#trace.op(op.name, at - depth / 1000, at + us + depth / 1000, { ...op, thread });
      depth--;
    }
    this.#trace.launch(api, { correlation: this.#correlation, at, us, thread });
    this.#launched = true;
    return this.#trace;
  }

  /** The launch fell outside the recorded window. */
  notLaunched(): TraceBuilder {
    if (this.#launched) throw new Error("already launched");
    return this.#trace;
  }
}

export function trace(): TraceBuilder {
  return new TraceBuilder();
}

class Strings {
  readonly list: string[] = [""];
  readonly #ids = new Map<string, number>([["", 0]]);

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.list.push(text) - 1;
      this.#ids.set(text, id);
    }
    return id;
  }
}

function nesting(a: Span, b: Span): number {
  return a.thread - b.thread || a.start - b.start || b.duration - a.duration;
}

/** Microseconds → whole nanoseconds. */
function ns(us: number): number {
  return Math.round(us * 1000);
}
