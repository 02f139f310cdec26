import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import { DeviceClock } from "./device-clock.ts";
import { EndQueue } from "./end-queue.ts";
import { type Work, workOf } from "./work-kind.ts";

/**
 * Per entry of `StageGraph.events`: how long nothing ran on another stream of the same device, and
 * how long each kind of work did. Kinds can run at once, so the parts may add up to more than
 * duration − exclusive.
 */
export interface Exposure {
  readonly exclusive: Float64Array;
  /** Hidden by computation, communication, memory: index by {@link ./work-kind.ts WORK}. */
  readonly hiddenBy: readonly [Float64Array, Float64Array, Float64Array];
  /**
   * When a stream had its device to itself, as stretches of the entry of it that started last, in
   * order and apart. Two kernels of one stream that overlap have the time in `exclusive` both, and
   * one of them here.
   */
  readonly alone: AloneStretches;
}

/** When an entry had its device to itself, as columns. */
interface AloneStretches {
  readonly entry: readonly number[];
  readonly start: readonly Nanoseconds[];
  readonly end: readonly Nanoseconds[];
}

/**
 * Sweeps the stage's events over time. Only other streams hide a kernel: two neighbours of one
 * stream that overlap by a little are programmatic dependent launch, which is no opportunity, and
 * is no hiding either. Other devices do not hide anything.
 *
 * O(n log n) in events, which come sorted by start, whatever runs at once.
 */
export function exposure(graph: KernelGraph, stage: StageGraph): Exposure {
  const { gpu } = graph.trace;
  const sweep = new Sweep(graph, stage);
  for (let entry = 0; entry < stage.events.length; entry++)
    if (gpu.duration[stage.events[entry]!]! > 0) sweep.start(entry);
  sweep.finish();
  return sweep;
}

const KINDS = [0, 1, 2] as const;

class Sweep implements Exposure {
  readonly exclusive: Float64Array;
  readonly hiddenBy: readonly [Float64Array, Float64Array, Float64Array];
  readonly alone = { entry: [] as number[], start: [] as number[], end: [] as number[] };
  readonly #graph: KernelGraph;
  readonly #stage: StageGraph;
  readonly #clocks = new Map<number, DeviceClock>();
  /** Per stream its number among those of its device, by which the device's clock knows it. */
  readonly #lane: Int32Array;
  readonly #ends: Float64Array;
  readonly #running: EndQueue;
  readonly #hasEnded: Uint8Array;
  /** The entry of its stream that had started last when this one did, -1 without one. */
  readonly #before: Int32Array;
  /** Number of each entry's latest stretch in `alone`, -1 before its first. */
  readonly #lastAlone: Int32Array;

  constructor(graph: KernelGraph, stage: StageGraph) {
    const count = stage.events.length;
    const columns = (): Float64Array => new Float64Array(count);
    this.#graph = graph;
    this.#stage = stage;
    this.exclusive = columns();
    this.hiddenBy = [columns(), columns(), columns()];
    this.#ends = columns();
    this.#running = new EndQueue(this.#ends);
    this.#lane = new Int32Array(graph.trace.streams.length);
    const lanes = new Map<number, number>();
    for (const [stream, { device }] of graph.trace.streams.entries()) {
      this.#lane[stream] = lanes.get(device) ?? 0;
      lanes.set(device, this.#lane[stream]! + 1);
    }
    for (const [device, count] of lanes) this.#clocks.set(device, new DeviceClock(count));
    this.#hasEnded = new Uint8Array(count);
    this.#before = new Int32Array(count);
    this.#lastAlone = new Int32Array(count).fill(-1);
  }

  start(entry: number): void {
    const { row, lane, work, clock } = this.#placeOf(entry);
    const { gpu } = this.#graph.trace;
    const time = gpu.start[row]!;
    this.#endUntil(time);
    this.#advance(clock, time);
    this.#read(entry, clock, lane, -1);
    clock.start(lane, work);
    this.#before[entry] = clock.latest[lane]!;
    clock.latest[lane] = entry;
    this.#ends[entry] = time + gpu.duration[row]!;
    this.#running.add(entry);
  }

  finish(): void {
    this.#endUntil(Number.POSITIVE_INFINITY);
  }

  #endUntil(time: Nanoseconds): void {
    for (;;) {
      const entry = this.#running.first;
      if (entry === undefined || this.#ends[entry]! > time) return;
      this.#running.removeFirst();
      const { lane, work, clock } = this.#placeOf(entry);
      this.#advance(clock, this.#ends[entry]!);
      this.#read(entry, clock, lane, 1);
      clock.end(lane, work);
      this.#hasEnded[entry] = 1;
      while (clock.latest[lane]! >= 0 && this.#hasEnded[clock.latest[lane]!] === 1)
        clock.latest[lane] = this.#before[clock.latest[lane]!]!;
    }
  }

  /** Adds what the clock shows, or takes it off: at its end and at its start. */
  #read(entry: number, clock: DeviceClock, lane: number, sign: 1 | -1): void {
    this.exclusive[entry]! += sign * clock.aloneNs(lane);
    for (const work of KINDS) this.hiddenBy[work][entry]! += sign * clock.besideNs(lane, work);
  }

  #advance(clock: DeviceClock, time: Nanoseconds): void {
    const latest = clock.only < 0 ? -1 : clock.latest[clock.only]!;
    if (time > clock.now && latest >= 0) this.#passAlone(latest, clock.now, time);
    clock.advance(time);
  }

  #passAlone(entry: number, from: Nanoseconds, to: Nanoseconds): void {
    const { alone } = this;
    const last = this.#lastAlone[entry]!;
    if (last >= 0 && alone.end[last] === from) {
      alone.end[last] = to;
      return;
    }
    this.#lastAlone[entry] = alone.entry.push(entry) - 1;
    alone.start.push(from);
    alone.end.push(to);
  }

  #placeOf(entry: number): Place {
    const { trace } = this.#graph;
    const row = this.#stage.events[entry]!;
    const stream = trace.gpu.stream[row]!;
    return {
      row,
      lane: this.#lane[stream]!,
      work: workOf(this.#graph, row),
      clock: this.#clocks.get(trace.streams[stream]!.device)!,
    };
  }
}

interface Place {
  readonly row: Row;
  readonly lane: number;
  readonly work: Work;
  readonly clock: DeviceClock;
}
