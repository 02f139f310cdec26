import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";
import type { Work } from "../overlap/work-kind.ts";
import { workByRow } from "../timeline/stage-timeline.ts";

/** Per entry of `StageGraph.events`: its kind of work and the wall time that is put down to it. */
export interface WallShares {
  readonly work: readonly Work[];
  /** Nanoseconds; they add up to the stage's busy time. */
  readonly ns: Float64Array;
}

/**
 * Gives every moment in which the GPU is busy to one event: computation before communication before
 * copies and fills, of one kind to the one that started first. So what is left to communication is
 * exposed communication, and kernels of one stream that overlap a little (programmatic dependent
 * launch) share the overlap with nobody. O(n log n) in events.
 */
export function wallShares(graph: KernelGraph, { events }: StageGraph): WallShares {
  const { gpu } = graph.trace;
  const work = Array.from(events, workByRow(graph));
  const ns = new Float64Array(events.length);
  const ends = Float64Array.from(events, (row) => gpuEnd(gpu, row));
  const byEnd = Float64Array.from(ends).sort();
  const queues = [new Queue(ends), new Queue(ends), new Queue(ends)] as const;
  let now: Nanoseconds = Number.NEGATIVE_INFINITY;
  let nextEnd = 0;
  const passUntil = (time: Nanoseconds): void => {
    if (time <= now) return;
    for (const queue of queues) {
      const owner = queue.first(now);
      if (owner < 0) continue;
      ns[owner]! += time - now;
      break;
    }
    now = time;
  };
  for (let entry = 0; entry < events.length; entry++) {
    const start = gpu.start[events[entry]!]!;
    while (nextEnd < byEnd.length && byEnd[nextEnd]! <= start) passUntil(byEnd[nextEnd++]!);
    passUntil(start);
    queues[work[entry]!]!.add(entry);
  }
  while (nextEnd < byEnd.length) passUntil(byEnd[nextEnd++]!);
  return { work, ns };
}

/** Events of one kind by start; the first one still running owns the moment. */
class Queue {
  readonly #ends: Float64Array;
  readonly #entries: number[] = [];
  #head = 0;

  constructor(ends: Float64Array) {
    this.#ends = ends;
  }

  add(entry: number): void {
    this.#entries.push(entry);
  }

  /** The first entry that still runs after `time`, -1 without one. */
  first(time: Nanoseconds): number {
    while (this.#head < this.#entries.length && this.#ends[this.#entries[this.#head]!]! <= time)
      this.#head++;
    return this.#entries[this.#head] ?? -1;
  }
}
