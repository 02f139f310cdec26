import fc from "fast-check";
import { expect, test } from "vitest";
import { Groups, spreadOf } from "../../src/engine/spread.ts";

test("middle and spread are times that occurred, counted as the contract says", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 60 }), (times) => {
      const ordered = [...times].sort((a, b) => a - b);
      const n = times.length;
      expect(spreadOf(Float64Array.from(times))).toEqual({
        medianUs: ordered[Math.floor((n - 1) / 2)]! / 1000,
        p10Us: ordered[Math.floor((n - 1) * 0.1)]! / 1000,
        p90Us: ordered[Math.ceil((n - 1) * 0.9)]! / 1000,
      });
    }),
  );
});

test("no measurement is no time", () => {
  expect(spreadOf(new Float64Array())).toEqual({ medianUs: 0, p10Us: 0, p90Us: 0 });
});

test("groups keep apart what is added in any order, and may get less than announced", () => {
  const groups = new Groups(Uint32Array.of(2, 0, 3));
  for (const [group, value] of [
    [2, 5],
    [0, 1],
    [2, 6],
    [0, 2],
  ] as const)
    groups.add(group, value);
  expect([0, 1, 2].map((group) => [...groups.of(group)])).toEqual([[1, 2], [], [5, 6]]);
});
