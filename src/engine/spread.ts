import type { Spread } from "../model/contracts/report.ts";
import { type Nanoseconds, toUs } from "../model/trace/units.ts";

/** Puts measurements in order, in place, and tells their middle and spread; zeros for none. */
export function spreadOf(times: Float64Array): Spread {
  return spreadOfOrdered(times.sort());
}

export function spreadOfOrdered(times: Float64Array): Spread {
  const { median, p10, p90 } = ranksOfOrdered(times);
  return { medianUs: toUs(median), p10Us: toUs(p10), p90Us: toUs(p90) };
}

/** Measurements that occurred: the middle one, or the lower of two, and what a tenth lies outside of. */
export function ranksOfOrdered(values: Float64Array): {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
} {
  const last = values.length - 1;
  return {
    median: values[last >> 1] ?? 0,
    p10: values[Math.floor(last * 0.1)] ?? 0,
    p90: values[Math.ceil(last * 0.9)] ?? 0,
  };
}

/** The middle one, or the lower of two, of values in any order; 0 of none. */
export function medianOf(values: ArrayLike<number>): number {
  return ranksOfOrdered(Float64Array.from(values).sort()).median;
}

/** Median distance from the median, as robust as the median itself. */
export function medianDeviation(values: Float64Array): number {
  const middle = medianOf(values);
  return medianOf(values.map((value) => Math.abs(value - middle)));
}

/**
 * Measurements by group, in one block of memory: counted first, filled after. Nothing is allocated
 * per measurement.
 */
export class Groups {
  readonly #begin: Uint32Array;
  readonly #next: Uint32Array;
  readonly #values: Float64Array;

  /** @param sizes how many measurements each group will get. */
  constructor(sizes: Uint32Array) {
    this.#begin = new Uint32Array(sizes.length + 1);
    for (let group = 0; group < sizes.length; group++)
      this.#begin[group + 1] = this.#begin[group]! + sizes[group]!;
    this.#next = this.#begin.slice(0, -1);
    this.#values = new Float64Array(this.#begin[sizes.length]!);
  }

  add(group: number, value: Nanoseconds): void {
    this.#values[this.#next[group]!++] = value;
  }

  /** What a group got, in place: ordering it orders the group. */
  of(group: number): Float64Array {
    return this.#values.subarray(this.#begin[group], this.#next[group]);
  }
}
