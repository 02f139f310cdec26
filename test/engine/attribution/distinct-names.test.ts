import { expect, test } from "vitest";
import { distinctNames } from "../../../src/engine/attribution/distinct-names.ts";

test("every name once, in order of first sight", () => {
  const name = Uint32Array.of(3, 1, 3, 0, 2, 1, 4);
  expect(distinctNames({ strings: ["", "a", "b", "c", "d"] }, { count: 6, name })).toEqual([
    3, 1, 0, 2,
  ]);
});
