import {
  type BreakCall,
  type Call,
  type FenceCall,
  type GpuCall,
  type GraphCall,
  plumbing,
} from "./calls.ts";
import { deviceArgs, hostCall } from "./device-events.ts";
import { GpuLanes } from "./gpu-lanes.ts";
import { inside, originOf, type Scope } from "./origin.ts";
import { Prng } from "./prng.ts";
import type { Scene } from "./scene.ts";
import { endOf, type Json, type SynthEvent, type Truth } from "./trace.ts";

/** Where a collective could start on one rank; answered with the time all ranks have arrived. */
export type Arrivals = Generator<number, void, number>;

interface OpenAnnotation {
  readonly event: SynthEvent;
  /** First start and last end of GPU work launched inside, per stream. */
  readonly spans: Map<string, { start: number; end: number }>;
}

/** What a graph holds: work and fences in order; a break ends the piece. */
interface Leaf {
  readonly call: GpuCall | FenceCall | BreakCall;
  readonly scope: Scope;
}

interface Submission {
  readonly call: GpuCall;
  readonly scope: Scope;
  readonly correlation: number;
  readonly externalId: number | null;
  readonly launch: SynthEvent;
  readonly graph: { id: string; node: number | null } | null;
  readonly nodeId: bigint | null;
  /** When the work reaches the GPU, ns. */
  readonly ready: number;
}

/**
 * Plays one rank's call tree: the host clock walks the tree, launches queue work on streams, and
 * kernels run as soon as their stream and the launch allow.
 */
export class Recorder {
  /** Ops and annotations, frames, then runtime calls with GPU events and flows: Kineto's order. */
  readonly ops: SynthEvent[] = [];
  readonly frames: SynthEvent[] = [];
  readonly device: SynthEvent[] = [];
  readonly annotations: OpenAnnotation[] = [];
  readonly truth: Truth = { kernels: [], captured: [], steps: [] };
  private readonly scene: Scene;
  private readonly prng: Prng;
  private readonly lanes = new GpuLanes();
  private readonly instances = new Map<string, number>();
  private readonly instancesOfType = new Map<string, number>();
  private readonly open: OpenAnnotation[] = [];
  private clock: number;
  private correlation: number;
  private externalId: number;
  private pythonId: number;
  private capturing: { id: string; node: number } | null = null;

  constructor(scene: Scene) {
    this.scene = scene;
    this.prng = new Prng(scene.seed);
    this.clock = 170_000 + scene.skewNs;
    this.correlation = scene.firstCorrelation;
    this.externalId = scene.firstExternalId;
    this.pythonId = scene.firstPythonId;
  }

  /** Host clock, ns: the end of the recorded window once the tree is played. */
  get now(): number {
    return this.clock;
  }

  *play(calls: readonly Call[], scope: Scope): Arrivals {
    for (const call of calls) yield* this.one(call, scope);
  }

  private *one(call: Call, scope: Scope): Arrivals {
    switch (call.kind) {
      case "py":
        return yield* this.frame(call.name, null, call.body, inside(scope, call, ""));
      case "module": {
        const number = this.instanceOf(call.type, `${scope.key}/${call.type}.${call.as}`);
        const within = inside(scope, call, `${call.type}_${number}`);
        const callImpl: Call = { ...CALL_IMPL, body: call.body };
        return yield* this.frame(`nn.Module: ${call.type}_${number}`, number, [callImpl], within);
      }
      case "op":
        return yield* this.op(call, scope);
      case "annotation":
        return yield* this.annotation(call, scope);
      case "layer":
        return yield* this.play(call.body, inLayer(scope, call.index));
      case "step": {
        const { index, stage, label, batchSize, tokens } = call;
        this.truth.steps.push({ index, stage, label, batchSize, tokens });
        return yield* this.play(call.body, { ...scope, step: index });
      }
      case "break":
        return yield* this.play(call.body, scope);
      case "graph":
        return yield* call.act === "capture" ? this.capture(call, scope) : this.replay(call, scope);
      case "pause":
        this.spend(call.us * 1000);
        return;
      case "api":
        this.runtimeCall(call.name, scope, call.waits);
        return;
      case "fence":
        this.runtimeCall("cudaEventRecord", scope, null);
        this.runtimeCall("cudaStreamWaitEvent", scope, null);
        this.lanes.fence(call.from, call.to);
        return;
      default:
        return yield* this.launch(call, scope);
    }
  }

  private *frame(
    name: string,
    module: number | null,
    body: readonly Call[],
    scope: Scope,
  ): Arrivals {
    if (!this.scene.stacks) return yield* this.play(body, scope);
    const id = this.pythonId++;
    const args: Record<string, Json> = { "Python parent id": scope.pythonId, "Python id": id };
    if (module !== null) args["Python module id"] = module;
    const event = this.begin("python_function", name, args, this.frames);
    this.spend(this.scene.timing.frameNs);
    yield* this.play(body, { ...scope, pythonId: id });
    this.end(event, this.scene.timing.frameNs / 3);
  }

  private *op(call: Extract<Call, { kind: "op" }>, scope: Scope): Arrivals {
    const id = this.externalId++;
    const args: Record<string, Json> = {
      "External id": id,
      "Record function id": 0,
      ...call.extra,
    };
    if (this.scene.shapes)
      Object.assign(args, {
        "Concrete Inputs": call.dims.map(() => ""),
        "Input type": call.types,
        "Input Strides": call.dims.map(stridesOf),
        "Input Dims": call.dims,
      });
    const event = this.begin("cpu_op", call.name, args, this.ops);
    this.spend(this.scene.timing.opNs);
    yield* this.play(call.body, { ...inside(scope, call, ""), externalId: id });
    this.end(event, this.scene.timing.opNs / 4);
  }

  private *annotation(call: Extract<Call, { kind: "annotation" }>, scope: Scope): Arrivals {
    const id = this.externalId++;
    const args = { "External id": id, "Record function id": 0 };
    const annotation = {
      event: this.begin("user_annotation", call.name, args, this.ops),
      spans: new Map(),
    };
    this.annotations.push(annotation);
    this.open.push(annotation);
    this.spend(this.scene.timing.opNs);
    yield* this.play(call.body, scope);
    this.open.pop();
    this.end(annotation.event, this.scene.timing.opNs / 4);
  }

  private *launch(call: GpuCall, scope: Scope): Arrivals {
    const { externalId } = scope;
    const correlation = this.correlation++;
    const launch = this.hostEvent(
      call.api,
      { externalId, correlation },
      call,
      this.scene.timing.launchNs,
    );
    if (this.capturing !== null) {
      const graph = { id: this.capturing.id, node: this.capturing.node++ };
      this.truth.captured.push({ ...originOf(call.role, scope), event: launch, graph });
      this.device.push(launch, this.flow("s", launch, correlation));
      return;
    }
    const ready = this.clock + this.around(this.scene.timing.launchToStartNs);
    const work = { call, scope, correlation, externalId, launch, graph: null, nodeId: null, ready };
    const event = yield* this.run(work);
    this.device.push(launch, this.flow("s", launch, correlation));
    if (call.blocking) {
      this.clock = Math.max(this.clock, endOf(event) + 900);
      launch.dur = this.clock - launch.ts;
    }
  }

  private *capture(graph: GraphCall, scope: Scope): Arrivals {
    this.runtimeCall("cudaStreamBeginCapture", scope, null);
    this.capturing = { id: graph.id, node: 0 };
    yield* this.play(graph.body, scope);
    this.capturing = null;
    this.runtimeCall("cudaStreamEndCapture", scope, null);
  }

  /** Walks the body without the host, then launches it: one launch per piece between breaks. */
  private *replay(graph: GraphCall, scope: Scope): Arrivals {
    const place = { node: 0, piece: 0 };
    let piece: Leaf[] = [];
    for (const leaf of this.leaves(graph.body, {
      ...scope,
      stack: null,
      ops: null,
      modules: null,
    })) {
      if (leaf.call.kind !== "break") {
        piece.push(leaf);
        continue;
      }
      yield* this.graphLaunch(graph, place, piece, scope);
      piece = [];
      const { layer, key } = leaf.scope;
      yield* this.play(leaf.call.body, { ...scope, layer, key });
    }
    yield* this.graphLaunch(graph, place, piece, scope);
  }

  private *graphLaunch(
    graph: GraphCall,
    place: { node: number; piece: number },
    leaves: readonly Leaf[],
    scope: Scope,
  ): Arrivals {
    if (leaves.length === 0) return;
    const { timing } = this.scene;
    const opened = this.openFrames(graph.around, scope);
    const correlation = this.correlation++;
    const began = this.clock;
    const cost = timing.graphLaunchNs + timing.graphNodeNs * leaves.length;
    const launch = this.hostEvent("cudaGraphLaunch", { externalId: null, correlation }, null, cost);
    // The GPU starts on a graph well before the launch call returns.
    const ready = began + this.around(timing.graphLaunchNs * 0.8);
    const common = { correlation, externalId: null, launch, ready };
    const piece = place.piece++;
    for (const { call, scope: within } of leaves) {
      if (call.kind === "fence") this.lanes.fence(call.from, call.to);
      if (call.kind === "fence" || call.kind === "break") continue;
      const node = place.node++;
      if (graph.paddingEvery > 0 && node % graph.paddingEvery === graph.paddingEvery - 1) {
        const at = { graph: { id: graph.id, node: null }, nodeId: null, scope: within };
        yield* this.run({ ...common, ...at, call: PADDING });
      }
      const nodeId = graph.nodeIds ? FIRST_NODE_ID + BigInt(piece) * 4096n + BigInt(node) : null;
      const at = { graph: { id: graph.id, node }, nodeId, scope: within };
      yield* this.run({ ...common, ...at, call });
    }
    this.device.push(launch, this.flow("s", launch, correlation));
    for (const event of opened.reverse()) this.end(event, timing.frameNs / 3);
  }

  private openFrames(names: readonly string[], scope: Scope): SynthEvent[] {
    if (!this.scene.stacks) return [];
    let parent = scope.pythonId;
    return names.map((name) => {
      const id = this.pythonId++;
      const args = { "Python parent id": parent, "Python id": id };
      parent = id;
      const event = this.begin("python_function", name, args, this.frames);
      this.spend(this.scene.timing.frameNs);
      return event;
    });
  }

  private *leaves(calls: readonly Call[], scope: Scope): Generator<Leaf> {
    for (const call of calls) {
      if (call.kind === "kernel" || call.kind === "copy" || call.kind === "fill")
        yield { call, scope };
      else if (call.kind === "break" || call.kind === "fence") yield { call, scope };
      else if (call.kind === "layer") yield* this.leaves(call.body, inLayer(scope, call.index));
      else if (call.kind === "module") {
        const number = this.instanceOf(call.type, `${scope.key}/${call.type}.${call.as}`);
        const within = inside(scope, call, `${call.type}_${number}`);
        yield* this.leaves(call.body, inside(within, CALL_IMPL, ""));
      } else if (call.kind === "py" || call.kind === "op")
        yield* this.leaves(call.body, inside(scope, call, ""));
      else if (call.kind === "annotation") yield* this.leaves(call.body, scope);
    }
  }

  /** Puts work on its stream; yields at collectives until every rank has arrived. */
  private *run(work: Submission): Generator<number, SynthEvent, number> {
    const { call, scope } = work;
    const { timing, gpu, device } = this.scene;
    const stream = this.scene.streams[call.stream] ?? 7;
    const gap = this.around(timing.gapNs);
    const start = this.lanes.startOf(call.stream, work.ready, gap, Math.round(call.earlyUs * 1000));
    const released = call.collective ? yield start : start;
    const dur = Math.max(start, released) - start + this.around(call.us * 1000);
    this.lanes.occupy(call.stream, start, start + dur);
    const cat = { kernel: "kernel", copy: "gpu_memcpy", fill: "gpu_memset" }[call.kind];
    const args = deviceArgs(
      gpu,
      device,
      stream,
      call,
      { ...work, replayed: work.graph !== null },
      dur,
    );
    const event: SynthEvent = {
      ph: "X",
      cat,
      name: call.name,
      pid: device,
      tid: stream,
      ts: start,
      dur,
      args,
    };
    this.device.push(event, this.flow("f", event, work.correlation));
    this.truth.kernels.push({
      ...originOf(call.role, scope),
      event,
      launch: work.launch,
      graph: work.graph,
    });
    for (const { spans } of this.open) {
      const span = spans.get(call.stream);
      if (span === undefined) spans.set(call.stream, { start, end: start + dur });
      else span.end = Math.max(span.end, start + dur);
    }
    return event;
  }

  private runtimeCall(name: string, scope: Scope, waits: string | null): void {
    const ids = { externalId: scope.externalId, correlation: this.correlation++ };
    const event = this.hostEvent(name, ids, null, 1_400);
    if (waits !== null) {
      this.clock = Math.max(this.clock, this.lanes.drained(waits) + 1_200);
      event.dur = this.clock - event.ts;
    }
    this.device.push(
      event,
      this.flow(name === "cudaStreamWaitEvent" ? "s" : "f", event, ids.correlation),
    );
  }

  private hostEvent(
    cudaName: string,
    ids: { externalId: number | null; correlation: number },
    call: GpuCall | null,
    costNs: number,
  ): SynthEvent {
    const { pid, gpu } = this.scene;
    const dur = this.around(costNs);
    const event: SynthEvent = {
      ph: "X",
      pid,
      tid: pid,
      ts: this.clock,
      dur,
      ...hostCall(gpu, cudaName, ids, call),
    };
    this.clock += dur + 60;
    return event;
  }

  private flow(ph: "s" | "f", at: SynthEvent, id: number): SynthEvent {
    return { ph, id, pid: at.pid, tid: at.tid, ts: at.ts, cat: "ac2g", name: "ac2g" };
  }

  private begin(
    cat: string,
    name: string,
    args: Record<string, Json>,
    into: SynthEvent[],
  ): SynthEvent {
    const { pid } = this.scene;
    const event: SynthEvent = { ph: "X", cat, name, pid, tid: pid, ts: this.clock, dur: 0, args };
    into.push(event);
    return event;
  }

  private end(event: SynthEvent, costNs: number): void {
    this.spend(costNs);
    event.dur = this.clock - event.ts;
  }

  private spend(ns: number): void {
    this.clock += this.around(ns);
  }

  private around(ns: number): number {
    return this.prng.around(ns, this.scene.timing.jitter);
  }

  private instanceOf(type: string, key: string): number {
    const known = this.instances.get(key);
    if (known !== undefined) return known;
    const next = this.instancesOfType.get(type) ?? 0;
    this.instancesOfType.set(type, next + 1);
    this.instances.set(key, next);
    return next;
  }
}

const CALL_IMPL = plumbing("torch/nn/modules/module.py(1779): _call_impl");

/** Beyond 2^32, as CUDA's node ids are. */
const FIRST_NODE_ID = 30_064_771_072_000n;

const PADDING: GpuCall = {
  kind: "fill",
  name: "Memset (Device)",
  role: "padding",
  us: 1.1,
  grid: [1, 1, 1],
  block: [1, 1, 1],
  registers: 0,
  sharedMemory: 0,
  bytes: 4,
  stream: "main",
  api: "cudaMemsetAsync",
  earlyUs: 0,
  collective: false,
  blocking: false,
  extra: {},
};

function inLayer(scope: Scope, index: number): Scope {
  return { ...scope, layer: index, key: `${scope.key}/${index}` };
}

function stridesOf(dims: Json): Json {
  if (!Array.isArray(dims)) return [];
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...dims].reverse()) {
    strides.unshift(stride);
    stride *= Number(size);
  }
  return strides;
}
