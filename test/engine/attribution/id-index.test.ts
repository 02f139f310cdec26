import { expect, test } from "vitest";
import { IdIndex } from "../../../src/engine/attribution/id-index.ts";

test("finds the first row of an id among many, replaced giants included", () => {
  const ids = Float64Array.from({ length: 10_000 }, (_, row) => (row % 2 === 0 ? row : -row - 2));
  ids[9_999] = 4;
  const index = new IdIndex(ids);
  expect(index.get(4)).toBe(4);
  expect(index.get(9_998)).toBe(9_998);
  expect(index.get(-5)).toBe(3);
  expect(index.get(2 ** 52)).toBe(-1);
});

test("ids that mean nothing are never found", () => {
  const index = new IdIndex(Float64Array.of(0, -1, 7));
  expect([index.get(0), index.get(-1), index.get(7)]).toEqual([-1, -1, 2]);
});

test("rows that are not wanted are left out", () => {
  expect(new IdIndex(Float64Array.of(7, 7), (row) => row === 1).get(7)).toBe(1);
});
