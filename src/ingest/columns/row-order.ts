import { release } from "./release.ts";

/** What rows are ordered by: thread, then start, then longest first; null where it does not count. */
export interface OrderKeys {
  readonly count: number;
  readonly thread: Uint16Array | null;
  readonly start: Float64Array;
  readonly duration: Float64Array | null;
}

/**
 * Stable order of rows. The sort is a merge of the runs already there: recorders write long ordered
 * stretches, most tables are one.
 *
 * @returns new row → old row, or null when the rows are in order already.
 */
export function rowOrder(keys: OrderKeys): Uint32Array | null {
  let bounds = orderedRuns(keys);
  if (bounds.length <= 2) return null;
  let from = new Uint32Array(keys.count);
  for (let row = 0; row < keys.count; row++) from[row] = row;
  let to = new Uint32Array(keys.count);
  while (bounds.length > 2) {
    bounds = mergePass(keys, from, to, bounds);
    [from, to] = [to, from];
  }
  release(to);
  return from;
}

function isAfter(keys: OrderKeys, a: number, b: number): boolean {
  const { thread, start, duration } = keys;
  if (thread !== null && thread[a] !== thread[b]) return thread[a]! > thread[b]!;
  if (start[a] !== start[b]) return start[a]! > start[b]!;
  return duration !== null && duration[a]! < duration[b]!;
}

/** Start of every longest ordered run, and the count last. */
function orderedRuns(keys: OrderKeys): number[] {
  const bounds = [0];
  for (let row = 1; row < keys.count; row++) if (isAfter(keys, row - 1, row)) bounds.push(row);
  if (keys.count > 0) bounds.push(keys.count);
  return bounds;
}

function mergePass(
  keys: OrderKeys,
  from: Uint32Array,
  to: Uint32Array,
  bounds: readonly number[],
): number[] {
  const merged = [0];
  for (let run = 0; run + 1 < bounds.length; run += 2) {
    const [start, middle] = [bounds[run]!, bounds[run + 1]!];
    const end = bounds[run + 2] ?? middle;
    mergeRuns(keys, from, to, start, middle, end);
    merged.push(end);
  }
  return merged;
}

function mergeRuns(
  keys: OrderKeys,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  let out = start;
  while (left < middle && right < end) {
    const takeRight = isAfter(keys, from[left]!, from[right]!);
    to[out++] = takeRight ? from[right++]! : from[left++]!;
  }
  if (left < middle) to.set(from.subarray(left, middle), out);
  else to.set(from.subarray(right, end), out);
}
