import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";

/** From the first to the last moment at which other stages' events ran inside a gap. */
interface Stretch {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
}

/** When other stages had the GPU, asked gap after gap: one pass over all events in all. */
export class OtherStages {
  readonly #gpu: KernelGraph["trace"]["gpu"];
  readonly #own: Uint32Array;
  readonly #counts: (row: Row) => boolean;
  #nextRow = 0;
  #nextOwn = 0;
  /** Latest end of the others' events begun so far. */
  #end = Number.NEGATIVE_INFINITY;

  /** @param counts which of the others' events have the GPU. */
  constructor(graph: KernelGraph, stage: StageGraph, counts: (row: Row) => boolean = () => true) {
    this.#gpu = graph.trace.gpu;
    this.#counts = counts;
    this.#own = stage.events;
  }

  /** What ran inside [start, end), null for nothing. Gaps are asked for in their order. */
  inside(start: Nanoseconds, end: Nanoseconds): Stretch | null {
    this.#passUntil(start);
    let first = this.#end > start ? start : Number.POSITIVE_INFINITY;
    for (let row = this.#next(end); row >= 0; row = this.#next(end)) {
      first = Math.min(first, this.#gpu.start[row]!);
      this.#end = Math.max(this.#end, gpuEnd(this.#gpu, row));
    }
    return first < end ? { start: first, end: Math.min(end, this.#end) } : null;
  }

  #passUntil(time: Nanoseconds): void {
    for (let row = this.#next(time); row >= 0; row = this.#next(time))
      this.#end = Math.max(this.#end, gpuEnd(this.#gpu, row));
  }

  /** The next event of another stage that takes time and starts before `time`, -1 when there is none. */
  #next(time: Nanoseconds): number {
    const { count, start, duration } = this.#gpu;
    while (this.#nextRow < count && start[this.#nextRow]! < time) {
      const row = this.#nextRow++;
      if (row === this.#own[this.#nextOwn]) this.#nextOwn++;
      else if (duration[row]! > 0 && this.#counts(row)) return row;
    }
    return -1;
  }
}
