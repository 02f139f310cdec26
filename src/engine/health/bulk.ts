import type { Nanoseconds } from "../../model/trace/units.ts";

/** Enough to tell quartiles by. */
const MOST = 4096;
/** So many times the length of its middle half most of a recording reaches. */
const FAR = 50;
/** Without a launch to tell, what lies so far from everything else is no part of the recording. */
export const APART: Nanoseconds = 600e9;

/** A stretch of time. */
interface Bulk {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

/** The stretch most events lie in: between the quartiles of their starts, and as far again. */
export function bulkOf(start: Float64Array): Bulk {
  if (start.length === 0) return { from: 0, to: 0 };
  const stride = Math.max(1, Math.floor(start.length / MOST));
  const sample = start.filter((_, row) => row % stride === 0).sort();
  const at = (share: number): number => sample[Math.floor((sample.length - 1) * share)]!;
  const length = at(0.75) - at(0.25);
  return { from: at(0.25) - FAR * length, to: at(0.75) + FAR * length };
}

/** True for a time that most of a recording's lie around. */
export function isWithin({ from, to }: Bulk, time: Nanoseconds): boolean {
  return time >= from - NEAR && time <= to + NEAR;
}

/** A recording of a few events has no length to speak of. */
const NEAR: Nanoseconds = 10e9;

/** True for what begins and ends far from the bulk. */
export function outside({ from, to }: Bulk, start: Nanoseconds, end: Nanoseconds): boolean {
  return end < from - APART || start > to + APART;
}
