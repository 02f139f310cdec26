import { firstIndex } from "../../base/first-index.ts";

/**
 * Unions of time intervals as flat, ordered, disjoint pairs [start, end, start, end, …] in
 * nanoseconds. Everything here is linear in the number of intervals.
 */
export type Intervals = Float64Array;

/** Collects intervals that come ordered by start and joins those that touch or overlap. */
export class UnionBuilder {
  readonly #ends: number[] = [];

  add(start: number, end: number): void {
    const last = this.#ends.length - 1;
    if (last > 0 && start <= this.#ends[last]!) {
      if (end > this.#ends[last]!) this.#ends[last] = end;
    } else if (end > start) {
      this.#ends.push(start, end);
    }
  }

  build(): Intervals {
    return Float64Array.from(this.#ends);
  }
}

/** Union of two unions. */
export function union(a: Intervals, b: Intervals): Intervals {
  const joined = new UnionBuilder();
  let inA = 0;
  let inB = 0;
  while (inA < a.length || inB < b.length) {
    if (inB >= b.length || (inA < a.length && a[inA]! <= b[inB]!)) {
      joined.add(a[inA]!, a[inA + 1]!);
      inA += 2;
    } else {
      joined.add(b[inB]!, b[inB + 1]!);
      inB += 2;
    }
  }
  return joined.build();
}

/** Number of the first interval that ends after `time`; as many as there are when none does. */
function firstEndingAfter(intervals: Intervals, time: number): number {
  return firstIndex(0, intervals.length / 2, (at) => intervals[2 * at + 1]! > time);
}

/** The part of [start, end) that a union covers. */
export function coveredPart(intervals: Intervals, start: number, end: number): number {
  let covered = 0;
  for (
    let at = 2 * firstEndingAfter(intervals, start);
    at < intervals.length && intervals[at]! < end;
    at += 2
  )
    covered += Math.min(end, intervals[at + 1]!) - Math.max(start, intervals[at]!);
  return covered;
}
