import fc from "fast-check";
import { expect, test } from "vitest";
import { coveredPart, UnionBuilder, union } from "../../../src/engine/timeline/intervals.ts";

const intervalsArb = fc.array(fc.tuple(fc.nat(60), fc.nat(12)), { maxLength: 20 });

function unionOf(raw: readonly (readonly [number, number])[]) {
  const builder = new UnionBuilder();
  for (const [start, length] of [...raw].sort((a, b) => a[0] - b[0]))
    builder.add(start, start + length);
  return builder.build();
}

/** The nanoseconds an interval list covers, one by one. */
function covered(raw: readonly (readonly [number, number])[]): Set<number> {
  const ticks = new Set<number>();
  for (const [start, length] of raw) for (let t = start; t < start + length; t++) ticks.add(t);
  return ticks;
}

test("unions of unions are unions of all, their parts what counting nanoseconds gives", () => {
  fc.assert(
    fc.property(intervalsArb, intervalsArb, fc.nat(40), fc.nat(40), (a, b, from, length) => {
      const inA = covered(a);
      expect(union(unionOf(a), unionOf(b))).toEqual(unionOf([...a, ...b]));
      expect(coveredPart(unionOf(a), from, from + length)).toBe(
        [...inA].filter((t) => t >= from && t < from + length).length,
      );
    }),
  );
});

test("a union is ordered and disjoint, touching intervals are one", () => {
  expect([
    ...unionOf([
      [0, 5],
      [5, 5],
      [20, 1],
      [21, 0],
    ]),
  ]).toEqual([0, 10, 20, 21]);
});
