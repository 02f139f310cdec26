import type { Call, GpuCall, GraphCall } from "./calls.ts";
import { CALL_IMPL } from "./describe.ts";
import { deviceArgs } from "./device-events.ts";
import { GpuLanes } from "./gpu-lanes.ts";
import { replay } from "./graph-replay.ts";
import { HostLog } from "./host-log.ts";
import { inLayer, inside, originOf, type Scope } from "./origin.ts";
import type { Scene } from "./scene.ts";
import { endOf, type Json, type KernelTruth, type SynthEvent, type Truth } from "./trace.ts";

/** Yields where a collective could start on this rank; answered with the time all have arrived. */
export type Arrivals<Result = void> = Generator<number, Result, number>;

interface AnnotationSpan {
  readonly event: SynthEvent;
  /** First start and last end of GPU work launched inside, per stream. */
  readonly spans: Map<string, { start: number; end: number }>;
}

/** Work on its way to the GPU. */
export interface Submission {
  readonly call: GpuCall;
  readonly scope: Scope;
  readonly correlation: number;
  readonly externalId: number | null;
  readonly launch: SynthEvent;
  readonly graph: KernelTruth["graph"];
  readonly nodeId: bigint | null;
  /** When it reaches the GPU, ns. */
  readonly ready: number;
}

/**
 * Plays one rank's call tree: the host clock walks the tree, launches queue work on streams, and
 * kernels run as soon as their stream and the launch allow.
 */
export class Recorder {
  readonly host: HostLog;
  readonly lanes = new GpuLanes();
  readonly annotations: AnnotationSpan[] = [];
  readonly truth: Truth = { kernels: [], captured: [], steps: [] };
  private readonly scene: Scene;
  private readonly instances = new Map<string, number>();
  private readonly instancesOfType = new Map<string, number>();
  private readonly open: AnnotationSpan[] = [];
  private capturing: { id: string; node: number } | null = null;

  constructor(scene: Scene) {
    this.scene = scene;
    this.host = new HostLog(scene);
  }

  *play(calls: readonly Call[], scope: Scope): Arrivals {
    for (const call of calls) yield* this.one(call, scope);
  }

  private *one(call: Call, scope: Scope): Arrivals {
    switch (call.kind) {
      case "py":
        return yield* this.frame(call.name, null, call.body, inside(scope, call, ""));
      case "module":
        return yield* this.module(call, scope);
      case "op":
        return yield* this.op(call, scope);
      case "annotation":
        return yield* this.annotation(call, scope);
      case "layer":
        return yield* this.play(call.body, inLayer(scope, call.index));
      case "step": {
        const { kind: _, body, ...step } = call;
        this.truth.steps.push(step);
        return yield* this.play(body, { ...scope, step: step.index });
      }
      case "break":
        return yield* this.breakOut(call.body, scope);
      case "graph":
        return yield* call.act === "capture"
          ? this.capture(call, scope)
          : replay(this, call, scope);
      case "pause":
        return this.host.spend(call.us * 1000);
      case "api":
        return this.runtimeCall(call.name, scope, call.waits);
      case "mark":
        this.runtimeCall("cudaEventRecordWithFlags", scope, null);
        return this.lanes.mark(call.name, call.stream);
      case "fence":
        this.runtimeCall("cudaEventRecord", scope, null);
        this.runtimeCall("cudaStreamWaitEvent", scope, null);
        return this.lanes.fence(call.from, call.to);
      default:
        return yield* this.launch(call, scope);
    }
  }

  private *module(call: Extract<Call, { kind: "module" }>, scope: Scope): Arrivals {
    const number = this.instanceOf(call, scope);
    const name = `${call.type}_${number}`;
    const body: Call[] = [{ ...CALL_IMPL, body: call.body }];
    yield* this.frame(`nn.Module: ${name}`, number, body, inside(scope, call, name));
  }

  private *frame(
    name: string,
    module: number | null,
    body: readonly Call[],
    scope: Scope,
  ): Arrivals {
    if (!this.scene.stacks) return yield* this.play(body, scope);
    const { event, pythonId } = this.host.beginFrame(name, scope.pythonId, module);
    yield* this.play(body, { ...scope, pythonId });
    this.host.endFrame(event);
  }

  private *op(call: Extract<Call, { kind: "op" }>, scope: Scope): Arrivals {
    const externalId = this.host.nextExternalId();
    const args: Record<string, Json> = { "External id": externalId, "Record function id": 0 };
    Object.assign(args, call.extra);
    if (this.scene.shapes) {
      args["Concrete Inputs"] = call.dims.map(() => "");
      args["Input type"] = call.types;
      args["Input Strides"] = call.dims.map(stridesOf);
      args["Input Dims"] = call.dims;
    }
    const event = this.host.beginOp("cpu_op", call.name, args);
    yield* this.play(call.body, { ...inside(scope, call, ""), externalId });
    this.host.endOp(event);
  }

  private *annotation(call: Extract<Call, { kind: "annotation" }>, scope: Scope): Arrivals {
    const args = { "External id": this.host.nextExternalId(), "Record function id": 0 };
    const event = this.host.beginOp("user_annotation", call.name, args);
    const annotation: AnnotationSpan = { event, spans: new Map() };
    this.annotations.push(annotation);
    this.open.push(annotation);
    yield* this.play(call.body, scope);
    this.open.pop();
    this.host.endOp(event);
  }

  private *launch(call: GpuCall, scope: Scope): Arrivals {
    const { launchNs, launchToStartNs } = this.scene.timing;
    const { externalId } = scope;
    const correlation = this.host.nextCorrelation();
    const launch = this.host.call(call.api, { externalId, correlation }, call, launchNs);
    if (this.capturing !== null) {
      const graph = { id: this.capturing.id, node: this.capturing.node++ };
      this.truth.captured.push({ ...originOf(call.role, scope), event: launch, graph });
      return this.host.fileCall(launch, "s");
    }
    const ready = this.host.now + this.host.around(launchToStartNs);
    const direct = { graph: null, nodeId: null };
    const event = yield* this.run({
      call,
      scope,
      correlation,
      externalId,
      launch,
      ready,
      ...direct,
    });
    this.host.fileCall(launch, "s");
    if (!call.blocking) return;
    this.host.now = Math.max(this.host.now, endOf(event) + 900);
    launch.dur = this.host.now - launch.ts;
  }

  /** Puts work on its stream; yields at collectives until every rank has arrived. */
  *run(work: Submission): Arrivals<SynthEvent> {
    const { call, graph, launch } = work;
    const { timing, gpu, device } = this.scene;
    const stream = this.scene.streams[call.stream] ?? 7;
    const gap = this.host.around(timing.gapNs);
    const early = Math.round(call.earlyUs * 1000);
    const start = this.lanes.startOf(call.stream, work.ready, gap, early);
    const ownUs = call.us * (this.scene.slower[call.role] ?? 1);
    const released = call.collective ? yield start : start;
    const dur = Math.max(start, released) - start + this.host.around(ownUs * 1000);
    this.lanes.occupy(call.stream, start, start + dur);
    const cat = { kernel: "kernel", copy: "gpu_memcpy", fill: "gpu_memset" }[call.kind];
    const ids = { ...work, replayed: graph !== null };
    const args = deviceArgs(gpu, device, stream, call, ids, dur);
    const place = { pid: device, tid: stream };
    const event: SynthEvent = { ph: "X", cat, name: call.name, ...place, ts: start, dur, args };
    this.host.fileWork(event);
    this.truth.kernels.push({ ...originOf(call.role, work.scope), event, launch, graph });
    for (const { spans } of this.open) {
      const span = spans.get(call.stream);
      if (span === undefined) spans.set(call.stream, { start, end: start + dur });
      else span.end = Math.max(span.end, start + dur);
    }
    return event;
  }

  private *capture(graph: GraphCall, scope: Scope): Arrivals {
    this.runtimeCall("cudaStreamBeginCapture", scope, null);
    this.capturing = { id: graph.id, node: 0 };
    yield* this.play(graph.body, { ...scope, piecewise: graph.piecewise });
    this.capturing = null;
    this.runtimeCall("cudaStreamEndCapture", scope, null);
    this.runtimeCall("cudaGraphInstantiateWithFlags", scope, null);
  }

  /** While a piecewise graph is captured, a break ends one piece, runs, and begins the next. */
  private *breakOut(body: readonly Call[], scope: Scope): Arrivals {
    const { capturing } = this;
    if (capturing === null || !scope.piecewise) return yield* this.play(body, scope);
    this.runtimeCall("cudaStreamEndCapture", scope, null);
    this.capturing = null;
    yield* this.play(body, scope);
    this.capturing = capturing;
    this.runtimeCall("cudaStreamBeginCapture", scope, null);
  }

  private runtimeCall(name: string, scope: Scope, waits: string | null): void {
    const ids = { externalId: scope.externalId, correlation: this.host.nextCorrelation() };
    const event = this.host.call(name, ids, null, 1_400);
    if (waits !== null) {
      this.host.now = Math.max(this.host.now, this.lanes.reached(waits) + 1_200);
      event.dur = this.host.now - event.ts;
    }
    this.host.fileCall(event, name === "cudaStreamWaitEvent" ? "s" : "f");
  }

  /** Number the profiler gives this module: per class, in order of first sight. */
  instanceOf(call: Extract<Call, { kind: "module" }>, scope: Scope): number {
    const key = `${scope.key}/${call.type}.${call.as}`;
    const known = this.instances.get(key);
    if (known !== undefined) return known;
    const next = this.instancesOfType.get(call.type) ?? 0;
    this.instancesOfType.set(call.type, next + 1);
    this.instances.set(key, next);
    return next;
  }
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
