import fc from "fast-check";
import { expect, test } from "vitest";
import { firstIndex } from "../../src/base/first-index.ts";

test("the first place of which the question is true, the end where it never is", () => {
  const sorted = fc.array(fc.nat(20), { maxLength: 30 }).map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(sorted, fc.nat(21), (values, wanted) => {
      const found = values.findIndex((value) => value >= wanted);
      expect(firstIndex(0, values.length, (at) => values[at]! >= wanted)).toBe(
        found < 0 ? values.length : found,
      );
    }),
  );
  expect(firstIndex(3, 3, () => true)).toBe(3);
  expect(firstIndex(3, 9, (at) => at >= 5)).toBe(5);
});
