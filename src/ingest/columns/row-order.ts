import { firstIndex } from "../../base/first-index.ts";
import { release } from "./release.ts";

/** What rows are ordered by: thread, then start, then longest first; null where it does not count. */
interface OrderKeys {
  readonly count: number;
  readonly thread: Uint16Array | null;
  readonly start: Float64Array;
  readonly duration: Float64Array | null;
}

/** Threads are numbered in 16 bits. */
const THREADS = 1 << 16;

/**
 * Stable order of rows: by thread first, then a merge of the runs already there. Recorders write
 * each thread in long ordered stretches; most tables are in order as a whole.
 *
 * @returns new row → old row, or null when the rows are in order already.
 */
export function rowOrder(keys: OrderKeys): Uint32Array | null {
  if (isOrdered(keys)) return null;
  const { count, thread } = keys;
  const order = thread === null ? orderOfFile(count) : orderByThread(thread, count);
  const aside = new Uint32Array(count);
  let bounds = orderedRuns(keys, order);
  while (bounds.length > 2) bounds = mergePass(keys, order, aside, bounds);
  release(aside);
  return order;
}

function isOrdered(keys: OrderKeys): boolean {
  for (let row = 1; row < keys.count; row++) if (isAfter(keys, row - 1, row)) return false;
  return true;
}

function orderOfFile(count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let row = 0; row < count; row++) order[row] = row;
  return order;
}

/** Each thread's rows together, in the order of the file. */
function orderByThread(thread: Uint16Array, count: number): Uint32Array {
  const next = new Uint32Array(THREADS + 1);
  for (let row = 0; row < count; row++) next[thread[row]! + 1]!++;
  for (let each = 0; each < THREADS; each++) next[each + 1]! += next[each]!;
  const order = new Uint32Array(count);
  for (let row = 0; row < count; row++) order[next[thread[row]!]!++] = row;
  return order;
}

function isAfter(keys: OrderKeys, a: number, b: number): boolean {
  const { thread, start, duration } = keys;
  if (thread !== null && thread[a] !== thread[b]) return thread[a]! > thread[b]!;
  if (start[a] !== start[b]) return start[a]! > start[b]!;
  return duration !== null && duration[a]! < duration[b]!;
}

/** Start of every longest ordered run, and the count last. */
function orderedRuns(keys: OrderKeys, order: Uint32Array): number[] {
  const bounds = [0];
  for (let at = 1; at < order.length; at++) {
    if (isAfter(keys, order[at - 1]!, order[at]!)) bounds.push(at);
  }
  bounds.push(order.length);
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
  return firstIndex(from, to, (at) => isAfter(keys, order[at]!, row));
}
