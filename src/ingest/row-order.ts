import type { Finished } from "./columns.ts";
import { stableOrder } from "./order.ts";

type Timed = Finished<{ start: typeof Float64Array }>;

/** By ascending start. */
export function byStart({ start, count }: Timed): Uint32Array | null {
  return stableOrder(count, (a, b) => start[a]! - start[b]!);
}

/** By thread, start, longest first: a parent precedes its children. */
export function byThread(
  columns: Timed & Finished<{ thread: typeof Uint16Array; duration: typeof Float64Array }>,
): Uint32Array | null {
  const { thread, start, duration, count } = columns;
  return stableOrder(
    count,
    (a, b) => thread[a]! - thread[b]! || start[a]! - start[b]! || duration[b]! - duration[a]!,
  );
}

/** Makes the earliest start of all fall into the first microsecond; returns the new base. */
export function shiftToFirst(starts: readonly Float64Array[], baseUs: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const column of starts) for (const start of column) if (start < first) first = start;
  if (first === Number.POSITIVE_INFINITY) return 0;
  const shiftUs = Math.floor(first / 1000);
  for (const column of starts) {
    for (let row = 0; row < column.length; row++) column[row]! -= shiftUs * 1000;
  }
  return baseUs + shiftUs;
}
