import type { KernelGraph, StageGraph } from "../../model/kernel-graph.ts";
import type { Nanoseconds } from "../../model/units.ts";
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
  /** The stretches that `exclusive` adds up, those of one entry in order and apart. */
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
 * O(n × streams) in events, which come sorted by start; memory is the result's own columns.
 */
export function exposure(graph: KernelGraph, stage: StageGraph): Exposure {
  const { gpu } = graph.trace;
  const sweep = new Sweep(graph, stage);
  for (let entry = 0; entry < stage.events.length; entry++) {
    const row = stage.events[entry]!;
    if (gpu.duration[row]! > 0) sweep.start(entry, gpu.start[row]!, gpu.duration[row]!);
  }
  sweep.finish();
  return sweep;
}

interface Running {
  readonly entry: number;
  readonly end: Nanoseconds;
  readonly stream: number;
  readonly device: number;
  readonly work: Work;
}

class Sweep implements Exposure {
  readonly exclusive: Float64Array;
  readonly hiddenBy: readonly [Float64Array, Float64Array, Float64Array];
  readonly alone = { entry: [] as number[], start: [] as number[], end: [] as number[] };
  /** As many as streams are busy at once (and a few more with programmatic dependent launch). */
  readonly #running: Running[] = [];
  #now: Nanoseconds = Number.NEGATIVE_INFINITY;
  readonly #graph: KernelGraph;
  readonly #stage: StageGraph;
  /** Number of each entry's latest stretch in `alone`, -1 before its first. */
  readonly #lastAlone: Int32Array;

  constructor(graph: KernelGraph, stage: StageGraph) {
    const count = stage.events.length;
    this.#lastAlone = new Int32Array(count).fill(-1);
    this.#graph = graph;
    this.#stage = stage;
    this.exclusive = new Float64Array(count);
    this.hiddenBy = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  }

  start(entry: number, time: Nanoseconds, duration: Nanoseconds): void {
    this.#advance(time);
    const row = this.#stage.events[entry]!;
    const stream = this.#graph.trace.gpu.stream[row]!;
    this.#running.push({
      entry,
      end: time + duration,
      stream,
      device: this.#graph.trace.streams[stream]!.device,
      work: workOf(this.#graph, row),
    });
  }

  finish(): void {
    this.#advance(Number.POSITIVE_INFINITY);
  }

  /** Lets time pass up to `time`, closing what ends on the way. */
  #advance(time: Nanoseconds): void {
    const running = this.#running;
    while (running.length > 0) {
      let end = Number.POSITIVE_INFINITY;
      for (const it of running) if (it.end < end) end = it.end;
      if (end > time) break;
      this.#spend(end - this.#now);
      this.#now = end;
      let kept = 0;
      for (const it of running) if (it.end > end) running[kept++] = it;
      while (running.length > kept) running.pop();
    }
    if (running.length > 0) this.#spend(time - this.#now);
    this.#now = time;
  }

  #spend(span: Nanoseconds): void {
    if (!(span > 0)) return;
    // Nearly all of the time one kernel runs by itself.
    if (this.#running.length === 1) {
      this.#passAlone(this.#running[0]!.entry, span);
      return;
    }
    for (const own of this.#running) {
      let alone = true;
      const hides = [false, false, false];
      for (const other of this.#running) {
        if (other.stream === own.stream || other.device !== own.device) continue;
        hides[other.work] = true;
        alone = false;
      }
      if (alone) this.#passAlone(own.entry, span);
      for (const work of [0, 1, 2] as const)
        if (hides[work]) this.hiddenBy[work][own.entry]! += span;
    }
  }

  #passAlone(entry: number, span: Nanoseconds): void {
    this.exclusive[entry]! += span;
    const now = this.#now;
    const { alone } = this;
    const last = this.#lastAlone[entry]!;
    if (last >= 0 && alone.end[last] === now) {
      alone.end[last] = now + span;
      return;
    }
    this.#lastAlone[entry] = alone.entry.push(entry) - 1;
    alone.start.push(now);
    alone.end.push(now + span);
  }
}
