import type { GpuCall } from "./calls.ts";
import { hostCall } from "./device-events.ts";
import { Prng } from "./prng.ts";
import type { Scene } from "./scene.ts";
import type { Json, SynthEvent } from "./trace.ts";

/** The recorded host: its clock, its running ids, and the events in Kineto's order. */
export class HostLog {
  /** Ops and annotations; Python frames; runtime calls with the GPU events and flows they cause. */
  readonly ops: SynthEvent[] = [];
  readonly frames: SynthEvent[] = [];
  readonly device: SynthEvent[] = [];
  readonly scene: Scene;
  /** ns since the trace began. */
  now: number;
  private readonly prng: Prng;
  private correlation: number;
  private externalId: number;
  private pythonId: number;

  constructor(scene: Scene) {
    this.scene = scene;
    this.prng = new Prng(scene.seed);
    this.now = 170_000 + scene.skewNs;
    this.correlation = scene.firstCorrelation;
    this.externalId = scene.firstExternalId;
    this.pythonId = scene.firstPythonId;
  }

  nextCorrelation(): number {
    return this.correlation++;
  }

  nextExternalId(): number {
    return this.externalId++;
  }

  /** Opens a frame; answers it with its Python id. `module` is the instance number of nn.Modules. */
  beginFrame(
    name: string,
    parent: number | null,
    module: number | null,
  ): { event: SynthEvent; pythonId: number } {
    const pythonId = this.pythonId++;
    const args: Record<string, Json> = { "Python parent id": parent, "Python id": pythonId };
    if (module !== null) args["Python module id"] = module;
    const event = this.begin("python_function", name, args, this.frames);
    this.spend(this.scene.timing.frameNs);
    return { event, pythonId };
  }

  endFrame(event: SynthEvent): void {
    this.end(event, this.scene.timing.frameNs / 3);
  }

  beginOp(cat: string, name: string, args: Record<string, Json>): SynthEvent {
    const event = this.begin(cat, name, args, this.ops);
    this.spend(this.scene.timing.opNs);
    return event;
  }

  endOp(event: SynthEvent): void {
    this.end(event, this.scene.timing.opNs / 4);
  }

  /** A runtime or driver call that costs about `costNs`; the caller files it with {@link fileCall}. */
  call(
    cudaName: string,
    ids: { externalId: number | null; correlation: number },
    work: GpuCall | null,
    costNs: number,
  ): SynthEvent {
    const { pid, gpu } = this.scene;
    const dur = this.around(costNs);
    const what = hostCall(gpu, cudaName, ids, work);
    const event: SynthEvent = { ph: "X", pid, tid: pid, ts: this.now, dur, ...what };
    this.now += dur + 60;
    return event;
  }

  /** Files a call with its flow: "s" where it submits work, "f" where it only marks itself. */
  fileCall(event: SynthEvent, flow: "s" | "f"): void {
    this.device.push(event, flowAt(flow, event));
  }

  fileWork(event: SynthEvent): void {
    this.device.push(event, flowAt("f", event));
  }

  around(ns: number): number {
    return this.prng.around(ns, this.scene.timing.jitter);
  }

  spend(ns: number): void {
    this.now += this.around(ns);
  }

  private begin(
    cat: string,
    name: string,
    args: Record<string, Json>,
    into: SynthEvent[],
  ): SynthEvent {
    const { pid } = this.scene;
    const event: SynthEvent = { ph: "X", cat, name, pid, tid: pid, ts: this.now, dur: 0, args };
    into.push(event);
    return event;
  }

  private end(event: SynthEvent, costNs: number): void {
    this.spend(costNs);
    event.dur = this.now - event.ts;
  }
}

function flowAt(ph: "s" | "f", at: SynthEvent): SynthEvent {
  const id = at.args!.correlation as number;
  return { ph, id, pid: at.pid, tid: at.tid, ts: at.ts, cat: "ac2g", name: "ac2g" };
}
