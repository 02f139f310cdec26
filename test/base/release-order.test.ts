import { expect, test } from "vitest";
import { compareReleases, isRelease } from "../../src/base/release-order.ts";

test("releases stand in the order in which they come out", () => {
  const order = ["0.5.2", "0.5.10rc1", "0.5.10", "0.5.10.post1", "0.6.0.dev3+g1a2b", "v0.6", "1.0"];
  const shuffled = [...order].sort().reverse();
  expect(shuffled.sort((a, b) => compareReleases(a, b)!)).toEqual(order);
  expect(compareReleases("0.6", "0.6.0")).toBe(0);
});

test.each(["main", "a".repeat(40), "1", "unknown", "0.5.x", ""])("%j is no release", (text) => {
  expect(isRelease(text)).toBe(false);
  expect(compareReleases(text, "0.5.0")).toBe(null);
});
