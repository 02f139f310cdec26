import { expect, test } from "vitest";
import { distinctNames } from "../../../src/engine/attribution/distinct-names.ts";

test("every name once, in order of first sight, whatever its number", () => {
  const name = Uint32Array.of(3, 100_000, 3, 0, 2_000, 100_000, 7);
  expect(distinctNames({ count: 6, name })).toEqual([3, 100_000, 0, 2_000]);
});
