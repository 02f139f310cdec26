import fc from "fast-check";
import { expect, test } from "vitest";
import { layLanes } from "../../src/report/perfetto/lanes.ts";

const spans = fc
  .array(fc.tuple(fc.nat(200), fc.nat(50)), { maxLength: 60 })
  .map((list) =>
    list
      .map(([start, length]) => ({ start, end: start + length }))
      .sort((a, b) => a.start - b.start || b.end - a.end),
  );

test("slices of a lane lie apart, and there are no more lanes than slices at one moment", () => {
  fc.assert(
    fc.property(spans, (list) => {
      const isOver = (slice: number, next: number) => list[slice]!.end <= list[next]!.start;
      const { laneOf, lanes } = layLanes(list.length, [isOver]);
      const lastEnd = new Array<number>(lanes).fill(-1);
      for (const [index, { start, end }] of list.entries()) {
        const lane = laneOf[index]!;
        expect(lastEnd[lane]).toBeLessThanOrEqual(start);
        lastEnd[lane] = end;
      }
      const most = Math.max(
        0,
        ...list.map(
          ({ start }, index) =>
            1 + list.filter((other, at) => at < index && other.end > start).length,
        ),
      );
      expect(lanes).toBeLessThanOrEqual(most);
    }),
    { numRuns: 500 },
  );
});

test("a lane must be free by every clock", () => {
  const exact = (slice: number, next: number) => slice < next;
  const coarse = (slice: number, next: number) => slice + 1 < next;
  expect(layLanes(3, [exact]).lanes).toBe(1);
  expect([...layLanes(3, [exact, coarse]).laneOf]).toEqual([0, 1, 0]);
});

test("thousands of slices at once share the last lane", () => {
  const { laneOf, lanes } = layLanes(1000, [() => false]);
  expect(lanes).toBe(64);
  expect([...laneOf.subarray(0, 3), laneOf[999]]).toEqual([0, 1, 2, 63]);
});
