/**
 * Time inside the program is whole nanoseconds relative to the trace's `baseUs`, held in doubles.
 * Kineto prints microseconds with three decimals, so this loses nothing, sums are exact up to
 * 2^53 ns (104 days) and therefore do not depend on the order of addition. Reports speak
 * microseconds: convert with {@link toUs} at the border, nowhere else.
 */
export type Nanoseconds = number;

/** Microseconds with up to three decimals; only in reports. */
export type Microseconds = number;

/** Nanoseconds → microseconds. Exact for every whole nanosecond below 2^53. */
export function toUs(ns: Nanoseconds): Microseconds {
  return ns / 1000;
}

/** Percent of `whole` that `part` is; 0 where the whole is empty (an empty stage has no shares). */
export function percent(part: number, whole: number): number {
  return whole > 0 ? (100 * part) / whole : 0;
}

/** Row number in a table of a {@link ../model/trace.ts Trace}; -1 means "no such row". */
export type Row = number;
export const NO_ROW: Row = -1;

/** Index into `Trace.strings`. Id 0 is always the empty string and means "not recorded". */
export type StringId = number;

/**
 * Correlation, External, graph and graph-node ids. Only equality means anything: ids beyond 2^53
 * are replaced, one for one, by distinct negative numbers below {@link NO_ID}.
 */
export type EventId = number;
export const NO_ID: EventId = -1;
