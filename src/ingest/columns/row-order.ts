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
  const order = new Uint32Array(keys.count);
  for (let row = 0; row < keys.count; row++) order[row] = row;
  const aside = new Uint32Array(keys.count);
  while (bounds.length > 2) bounds = mergePass(keys, order, aside, bounds);
  release(aside);
  return order;
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
  order: Uint32Array,
  aside: Uint32Array,
  bounds: readonly number[],
): number[] {
  const merged = [0];
  for (let run = 0; run + 1 < bounds.length; run += 2) {
    const middle = bounds[run + 1]!;
    const end = bounds[run + 2] ?? middle;
    if (middle < end) mergeRuns(keys, order, aside, bounds[run]!, middle, end);
    merged.push(end);
  }
  return merged;
}

/** Rows of the left run that come before all of the right one, mostly nearly all, are left alone. */
function mergeRuns(
  keys: OrderKeys,
  order: Uint32Array,
  aside: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let out = firstAfter(keys, order, start, middle, order[middle]!);
  const moved = middle - out;
  for (let i = 0; i < moved; i++) aside[i] = order[out + i]!;
  let left = 0;
  let right = middle;
  while (left < moved && right < end) {
    const takeRight = isAfter(keys, aside[left]!, order[right]!);
    order[out++] = takeRight ? order[right++]! : aside[left++]!;
  }
  while (left < moved) order[out++] = aside[left++]!;
}

/** First place in the ordered `from`..`to` whose row comes after `row`. */
function firstAfter(
  keys: OrderKeys,
  order: Uint32Array,
  from: number,
  to: number,
  row: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(keys, order[middle]!, row)) high = middle;
    else low = middle + 1;
  }
  return low;
}
