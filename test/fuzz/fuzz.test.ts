import { describe, expect, test } from "vitest";
import { minimised } from "./minimise.ts";
import { fuzzPipeline } from "./pipeline.ts";
import { fuzzReaders } from "./run.ts";

describe("readers on documents of every kind (`npm run fuzz` looks longer)", () => {
  test("agree, or the damage explains why not", async () => {
    const { counts, failures } = await fuzzReaders({ cases: 440, seed: 20_261 });
    expect(failures).toEqual([]);
    expect(Object.keys(counts)).toHaveLength(22);
    const tallies = Object.values(counts).flatMap((ofKind) => Object.keys(ofKind));
    expect([...new Set(tallies)].sort()).toEqual(["broken", "broken, overlooked", "cut", "whole"]);
  });
});

test("whole runs over mutated traces with hostile names end in an inert report or a TriageError", async () => {
  const { counts, failures } = await fuzzPipeline({ cases: 12, seed: 3 });
  expect(failures).toEqual([]);
  expect(counts.pipeline!.report).toBeGreaterThan(6);
});

test("a failing input is made small", async () => {
  const bytes = Buffer.from(`${"x".repeat(300)}{bad}${"y".repeat(300)}`);
  const small = await minimised(bytes, async (part) => Buffer.from(part).includes("bad"));
  expect(Buffer.from(small).toString()).toBe("bad");
});
