import { describe, expect, test } from "vitest";
import { compareTimes, DEFAULT_THRESHOLDS, type Sample } from "../../src/diff/noise.ts";

const MODEL = { ...DEFAULT_THRESHOLDS, usualSpread: 0.01 };

function sample(medianUs: number, count = 50, scatter = 0.02): Sample {
  const [p10Us, p90Us] = [medianUs * (1 - scatter), medianUs * (1 + scatter)];
  return { count, medianUs, p10Us, p90Us, avgUs: medianUs };
}

describe("two medians", () => {
  test.each([
    ["far apart", sample(10), sample(12), "slower"],
    ["far apart, the other way", sample(12), sample(10), "faster"],
    ["closer than chance", sample(10), sample(10.05), "within-noise"],
    ["beyond chance, below a percent", sample(100, 1e6), sample(100.5, 1e6), "negligible"],
    ["beyond chance, below 0.05 µs", sample(1, 1e6), sample(1.04, 1e6), "negligible"],
    ["of two launches", sample(10, 2), sample(20, 2), "inconclusive"],
    ["equal, of two launches", sample(10, 2), sample(10, 2), "inconclusive"],
    ["with means that moved otherwise", sample(10), { ...sample(12), avgUs: 9 }, "inconclusive"],
  ] as const)("%s", (_, before, after, change) => {
    expect(compareTimes(before, after, MODEL).change).toBe(change);
  });

  test("few samples that happen to agree borrow the usual spread", () => {
    const alike = (us: number) => sample(us, 3, 0);
    expect(compareTimes(alike(10), alike(10.2), MODEL).change).toBe("within-noise");
    expect(compareTimes(alike(10), alike(15), MODEL).change).toBe("slower");
  });

  test("a change that is nothing to a step is negligible", () => {
    expect(compareTimes(sample(10), sample(12), MODEL, 1, 10_000).change).toBe("negligible");
    expect(compareTimes(sample(10), sample(12), MODEL, 20, 10_000).change).toBe("slower");
  });
});
