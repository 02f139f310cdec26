import { expect, test } from "vitest";
import { familyOf } from "../../src/viewer/families.ts";
import { placeBrackets } from "../../src/viewer/pictures/brackets.ts";
import { pan, reveal, zoom } from "../../src/viewer/pictures/time-view.ts";
import { matches, nextOrder, sortRows } from "../../src/viewer/tables/row-view.ts";
import { excerpt } from "../report/sample-reports.ts";

const WHOLE = { from: 0, to: 100 };

test("zooming keeps the point under the pointer and ends at the whole and at half a microsecond", () => {
  expect(zoom(WHOLE, 0.5, 20, WHOLE)).toEqual({ from: 10, to: 60 });
  expect(zoom({ from: 10, to: 60 }, 4, 20, WHOLE)).toEqual(WHOLE);
  const deep = zoom(WHOLE, 1e-9, 50, WHOLE);
  expect(deep.to - deep.from).toBeCloseTo(0.5);
});

test("moving stops at both ends", () => {
  expect(pan({ from: 10, to: 30 }, -2, WHOLE)).toEqual({ from: 0, to: 20 });
  expect(pan({ from: 70, to: 90 }, 2, WHOLE)).toEqual({ from: 80, to: 100 });
});

test("a span that is seen moves nothing, another comes to the middle", () => {
  expect(reveal({ from: 10, to: 30 }, 12, 14, WHOLE)).toEqual({ from: 10, to: 30 });
  expect(reveal({ from: 10, to: 30 }, 50, 54, WHOLE)).toEqual({ from: 42, to: 62 });
});

test("brackets that meet stand above each other", () => {
  expect(placeBrackets(excerpt()).map(({ rule, level }) => [rule, level])).toEqual([
    ["allreduce-residual-rmsnorm", 0],
    ["residual-rmsnorm", 1],
  ]);
});

test("numbers sort from large to small first, and the third click gives the report's order", () => {
  const once = nextOrder(null, "time", true);
  const twice = nextOrder(once, "time", true);
  expect([once?.descending, twice?.descending]).toEqual([true, false]);
  expect(nextOrder(twice, "time", true)).toBeNull();
  expect(nextOrder(once, "kernel", false)).toEqual({ column: "kernel", descending: false });
});

test("equal values keep their order, either way", () => {
  const rows = ["b1", "a1", "b2"];
  expect(sortRows(rows, ([letter]) => letter!, true)).toEqual(["b1", "b2", "a1"]);
  expect(sortRows(rows, ([letter]) => letter!, false)).toEqual(["a1", "b1", "b2"]);
});

test("every word of a filter must be somewhere", () => {
  expect(matches("nvjet_sm100 GEMM", "gemm NVJET")).toBe(true);
  expect(matches("nvjet_sm100 GEMM", "gemm norm")).toBe(false);
});

test("a category nobody gave a colour is grey", () => {
  expect([familyOf("moe-gemm"), familyOf("new")]).toEqual(["gemm", "other"]);
});
