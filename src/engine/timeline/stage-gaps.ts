import { firstIndex } from "../../base/first-index.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, type Row } from "../../model/trace/units.ts";
import { OtherStages } from "./other-stages.ts";

/** Nothing of a stage ran from `start` to `end`, and no other stage had the GPU. */
export interface Gap {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** The event whose end began it; {@link NO_ROW} where another stage had the GPU until then. */
  readonly previous: Row;
  /** The event it was the wait for: device, stream, step and launch call are this event's. */
  readonly next: Row;
}

/** A stage's gaps as columns, in order of time and apart. */
export interface Gaps {
  readonly count: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly previous: Int32Array;
  readonly next: Int32Array;
}

/**
 * O(n) in events, which come by start; with several stages in all events of the trace.
 *
 * @param counts which events of other stages have the GPU; all by default.
 */
export function stageGaps(
  graph: KernelGraph,
  stage: StageGraph,
  counts?: (row: Row) => boolean,
): Gaps {
  const { gpu } = graph.trace;
  const others = graph.stages.length < 2 ? null : new OtherStages(graph, stage, counts);
  const start: Nanoseconds[] = [];
  const end: Nanoseconds[] = [];
  const previous: Row[] = [];
  const next: Row[] = [];
  const add = (from: Nanoseconds, to: Nanoseconds, before: Row, after: Row): void => {
    if (to <= from) return;
    start.push(from);
    end.push(to);
    previous.push(before);
    next.push(after);
  };
  let last: Row = stage.events[0] ?? NO_ROW;
  let busyUntil = last === NO_ROW ? 0 : gpu.start[last]!;
  for (const row of stage.events) {
    const from = gpu.start[row]!;
    if (from > busyUntil) {
      const stretch = others?.inside(busyUntil, from) ?? null;
      add(busyUntil, stretch?.start ?? from, last, row);
      if (stretch !== null) add(stretch.end, from, NO_ROW, row);
    }
    const rowEnd = gpuEnd(gpu, row);
    if (rowEnd < busyUntil) continue;
    busyUntil = rowEnd;
    last = row;
  }
  return {
    count: start.length,
    start: Float64Array.from(start),
    end: Float64Array.from(end),
    previous: Int32Array.from(previous),
    next: Int32Array.from(next),
  };
}

/** One gap out of the columns. */
export function gapAt(gaps: Gaps, at: number): Gap {
  return {
    start: gaps.start[at]!,
    end: gaps.end[at]!,
    previous: gaps.previous[at]!,
    next: gaps.next[at]!,
  };
}

/** Number of the first gap that ends after `time`; as many as there are when none does. */
export function firstGapAfter({ end, count }: Gaps, time: Nanoseconds): number {
  return firstIndex(0, count, (gap) => end[gap]! > time);
}
