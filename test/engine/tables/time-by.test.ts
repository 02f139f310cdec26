import { expect, test } from "vitest";
import { TimeBy } from "../../../src/engine/tables/time-by.ts";

test("adds up by key wherever its parts stand, most time first, then by key", () => {
  const time = new TimeBy<string>();
  for (const [key, ns] of [
    ["b", 2],
    ["a", 3],
    ["a", 1],
    ["c", 9],
    ["b", 2],
    ["d", 0],
  ] as const)
    time.add(key, ns);
  expect(time.ranked()).toEqual([
    ["c", 9],
    ["a", 4],
    ["b", 4],
    ["d", 0],
  ]);
});

test("holds nothing at first", () => {
  expect(new TimeBy<number>().ranked()).toEqual([]);
});
