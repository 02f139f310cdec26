import { expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { unknown } from "../../../src/ingest/frameworks/unknown.ts";
import { VIA, VIA_CODE } from "../../../src/model/trace/kernel-graph.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";

/** A layer of five kernels; only some layers were launched while the profiler looked. */
function layer(built: TraceBuilder, number: number, isRecorded: boolean, shapes = "[[8]]") {
  for (const [name, line] of [
    ["norm", 10],
    ["qkv", 20],
    ["attention", 30],
    ["proj", 40],
    ["add", 50],
  ] as const) {
    const kernel = built.kernel(name);
    if (isRecorded)
      kernel
        .frames(`nn.Module: Layer_${number}`, `model.py(${line}): forward`)
        .inside(`op_${name}`, shapes)
        .launchedBy();
    else kernel.notLaunched();
  }
}

function graphOf(built: TraceBuilder) {
  const graph = buildKernelGraph(built.build(), {
    profile: unknown,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
  const sites = Array.from(graph.siteOf, (site) => graph.sites[site]!);
  return { graph, sites, via: Array.from(graph.viaOf, (code) => VIA[code]) };
}

test("a kernel launched before the window takes the site of its place in the layer", () => {
  const built = trace();
  for (let number = 0; number < 8; number++) layer(built, number, number >= 2);
  const { graph, sites, via } = graphOf(built);
  expect(graph.stages[0]!.layers).toMatchObject({ period: 5, count: 8 });
  expect(via.slice(0, 10)).toEqual(Array(10).fill("layer-context"));
  expect(via.slice(10)).toEqual(Array(30).fill("direct"));
  expect(sites[2]).toEqual({
    location: "model.py:30",
    fn: "forward",
    module: "Layer",
    // Whose layer it was nobody knows.
    modulePath: null,
    cpuOp: "op_attention",
    topOp: "op_attention",
    shapes: "[[8]]",
    types: null,
    stack: ["model.py(30): forward", "nn.Module: Layer"],
  });
  // Lent and recorded kernels of one place are one symbol.
  expect(graph.symbolOf[2]).toBe(graph.symbolOf[12]);
});

test("shapes are lent only where all lenders agree", () => {
  const built = trace();
  for (let number = 0; number < 8; number++) layer(built, number, number >= 2, `[[${number}]]`);
  expect(graphOf(built).sites[2]).toMatchObject({ location: "model.py:30", shapes: null });
});

test("two places with the same surroundings lend nothing", () => {
  const built = trace();
  for (let number = 0; number < 8; number++)
    for (const name of ["a", "b", "c", "d", "e"]) {
      const kernel = built.kernel(name);
      if (number < 2) kernel.notLaunched();
      else kernel.frames(`model.py(${number}): unrolled`).launchedBy();
    }
  const { via } = graphOf(built);
  expect(via.slice(0, 10)).toEqual(Array(10).fill("none"));
});

test("a replayed kernel is not lent a site: its launch is there and says nothing", () => {
  const built = trace();
  for (let number = 0; number < 6; number++) layer(built, number, true);
  built.replay(["norm", "qkv", "attention", "proj", "add"], { at: 1000 });
  const { graph, via } = graphOf(built);
  expect(via.slice(-5)).toEqual(Array(5).fill("none"));
  expect(graph.launchOf.at(-1)).toBeGreaterThanOrEqual(0);
});

test("sites found elsewhere fill what has none, and never replace what the trace recorded", () => {
  const built = trace();
  built.replay(["gemm", "norm"], { at: 0 });
  built.kernel("direct", { at: 100 }).frames("model.py(1): main").launchedBy();
  const ready = built.build();
  const found = { ...graphOf(built).sites[2]!, location: "captured.py:7" };
  const graph = buildKernelGraph(ready, {
    profile: unknown,
    ruleSet: VOCABULARY,
    stageHint: null,
    siteOverrides: {
      sites: [found],
      siteOf: Int32Array.of(0, -1, 0),
      viaOf: Uint8Array.of(VIA_CODE["graph-capture"], 0, VIA_CODE["graph-capture"]),
    },
  });
  expect(Array.from(graph.siteOf, (site) => graph.sites[site]!.location)).toEqual([
    "captured.py:7",
    null,
    "model.py:1",
  ]);
  expect(Array.from(graph.viaOf, (code) => VIA[code])).toEqual(["graph-capture", "none", "direct"]);
});
