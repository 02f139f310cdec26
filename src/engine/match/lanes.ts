import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Letters } from "./classes/letters.ts";

/**
 * A stage's events stream after stream. A *position* is an index into these columns; neighbours
 * on a stream are neighbouring positions, and a chain never leaves its lane.
 */
export interface Lanes {
  readonly count: number;
  /** GPU row per position. Ascending within a lane. */
  readonly rows: Uint32Array;
  /** All positions by ascending row: the stage's events in time. */
  readonly inTime: Uint32Array;
  readonly letters: Uint32Array;
  /** Positions where lanes begin, in stream order, closed by `count`. */
  readonly starts: readonly number[];
}

export function layLanes(graph: KernelGraph, stage: StageGraph, letters: Letters): Lanes {
  const { stream } = graph.trace.gpu;
  const sizes = new Uint32Array(graph.trace.streams.length);
  for (let entry = 0; entry < stage.events.length; entry++) sizes[stream[stage.events[entry]!]!]!++;

  const next = new Uint32Array(sizes.length);
  const starts: number[] = [];
  let total = 0;
  for (const [index, size] of sizes.entries()) {
    next[index] = total;
    if (size > 0) starts.push(total);
    total += size;
  }
  starts.push(total);

  const rows = new Uint32Array(total);
  const inTime = new Uint32Array(total);
  const ofPosition = new Uint32Array(total);
  for (let entry = 0; entry < total; entry++) {
    const row = stage.events[entry]!;
    const position = next[stream[row]!]!++;
    rows[position] = row;
    inTime[entry] = position;
    ofPosition[position] = letters.ofSymbol[graph.symbolOf[row]!]!;
  }
  return { count: total, rows, inTime, letters: ofPosition, starts };
}
