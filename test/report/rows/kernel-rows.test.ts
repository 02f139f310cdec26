import fc from "fast-check";
import { expect, test } from "vitest";
import type { KernelGraph } from "../../../src/model/kernel-graph.ts";
import { VIA_CODE } from "../../../src/model/kernel-graph.ts";
import { kernelRows, locatedShare } from "../../../src/report/rows/kernel-rows.ts";
import { graphOf, makeKernel, Rules } from "../../engine/match/make.ts";

function rowsOf(graph: KernelGraph) {
  return kernelRows(graph, graph.stages[0]!);
}

test("adds up launches, times and shares by name", () => {
  const graph = graphOf(new Rules(), [
    makeKernel("gemm", 0, { duration: 3_000 }),
    makeKernel("norm", 5_000, { duration: 1_500 }),
    makeKernel("gemm", 9_000, { duration: 1_500 }),
  ]);
  expect(rowsOf(graph)).toMatchObject([
    { name: "gemm", launches: 2, totalUs: 4.5, sharePct: 75, avgUs: 2.25, minUs: 1.5, maxUs: 3 },
    { name: "norm", launches: 1, totalUs: 1.5, sharePct: 25 },
  ]);
});

test("keeps apart the places of one kernel, and joins those that read the same", () => {
  const place = { op: "aten::mm", scope: "Mlp.Linear", frame: "linear.py:3 forward" };
  const graph = graphOf(new Rules(), [
    makeKernel("gemm", 0, place),
    makeKernel("gemm", 20_000, place),
    makeKernel("gemm", 40_000, { ...place, scope: "Attention.Linear" }),
    makeKernel("gemm", 60_000),
  ]);
  graph.viaOf.set([VIA_CODE.direct, VIA_CODE["graph-capture"], VIA_CODE.direct, VIA_CODE.none]);
  const [row] = rowsOf(graph);
  expect(row!.sites).toMatchObject([
    { location: "linear.py:3", function: "forward", module: "Mlp.Linear", via: "direct" },
    { module: "Mlp.Linear", via: "graph-capture", launches: 1, totalUs: 10 },
    { module: "Attention.Linear", cpuOp: "aten::mm" },
    { location: null, via: "none" },
  ]);
});

test("tells how much GPU time is located, by method", () => {
  const graph = graphOf(new Rules(), [
    makeKernel("a", 0, { duration: 6_000 }),
    makeKernel("b", 10_000, { duration: 3_000 }),
    makeKernel("c", 20_000, { duration: 1_000 }),
  ]);
  graph.viaOf.set([VIA_CODE.direct, VIA_CODE["graph-capture"], VIA_CODE.none]);
  expect(locatedShare(graph)).toEqual({
    pct: 90,
    byMethod: {
      none: 10,
      direct: 60,
      "graph-capture": 30,
      "mapping-sequence": 0,
      "layer-context": 0,
      "single-site-name": 0,
    },
  });
});

test("rows and their sites add up to the stage's GPU time to the nanosecond", () => {
  const kernel = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    duration: fc.integer({ min: 0, max: 5_000_000 }),
    op: fc.constantFrom(null, "aten::mm"),
    frame: fc.constantFrom(null, "x.py:1 f", "y.py:2 g"),
  });
  fc.assert(
    fc.property(fc.array(kernel, { minLength: 1, maxLength: 30 }), (list) => {
      const graph = graphOf(
        new Rules(),
        list.map((one, i) => makeKernel(one.name, i * 10_000_000, one)),
      );
      const rows = rowsOf(graph);
      const ns = (us: number): number => Math.round(us * 1000);
      const total = list.reduce((sum, { duration }) => sum + duration, 0);
      expect(rows.reduce((sum, row) => sum + ns(row.totalUs), 0)).toBe(total);
      for (const row of rows) {
        expect(row.sites.reduce((sum, site) => sum + ns(site.totalUs), 0)).toBe(ns(row.totalUs));
        expect(row.sites.reduce((sum, site) => sum + site.launches, 0)).toBe(row.launches);
      }
    }),
  );
});
