import { expect, test } from "vitest";
import { distributionOf } from "../../../src/engine/explain/distribution.ts";
import { medianOf } from "../../../src/engine/spread.ts";

test("quantiles are durations that occurred, by nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => (100 - i) * 1000);
  expect(distributionOf(hundred)).toMatchObject({
    minUs: 1,
    p10Us: 10,
    medianUs: 50,
    p90Us: 90,
    p99Us: 99,
    maxUs: 100,
  });
});

test("every launch falls into one bin, the longest into the last", () => {
  const { histogram } = distributionOf([1000, 1100, 2000, 11_000]);
  expect(histogram.map(({ launches }) => launches)).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
  expect(histogram[0]).toMatchObject({ fromUs: 1, toUs: 2 });
  expect(histogram.at(-1)).toMatchObject({ fromUs: 10, toUs: 11 });
});

test("equal durations are one bin, and one launch is its own quantiles", () => {
  expect(distributionOf([2500, 2500]).histogram).toEqual([{ fromUs: 2.5, toUs: 2.5, launches: 2 }]);
  expect(distributionOf([7])).toMatchObject({ minUs: 0.007, p99Us: 0.007, maxUs: 0.007 });
});

test("the median of an even number is the lower middle", () => {
  expect(medianOf([4, 1, 3, 2])).toBe(2);
  expect(medianOf([-5])).toBe(-5);
});
