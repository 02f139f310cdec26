import { describe, expect, test } from "vitest";
import { MOST_SPANS, stageExcerpt } from "../../../src/engine/excerpt/stage-excerpt.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import { stageTimeline } from "../../../src/engine/timeline/stage-timeline.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { Rules, state } from "../match/make.ts";

function excerptOf(built: TraceBuilder, rules = new Rules()) {
  const graph = buildKernelGraph(built.build(), {
    profile: sglang,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
  const { outcomes } = runRules(rules.set, graph, []);
  const stage = graph.stages[0]!;
  return stageExcerpt({
    ruleSet: rules.set,
    graph,
    stage,
    outcomes,
    time: stageTimeline(graph, stage),
  })!;
}

const LAYER = ["norm", "qkv_gemm", "fmha", "proj_gemm", "mlp_gemm"];

/** Layers whose kernels are of the given length each, one after the other. */
function layers(lengths: readonly number[]): TraceBuilder {
  const built = trace();
  for (const us of lengths) for (const name of LAYER) built.kernel(name, { us }).launchedBy();
  return built;
}

describe("the layer of median duration", () => {
  test("stands for the others", () => {
    const excerpt = excerptOf(layers([90, 10, 12, 11, 500]));
    expect(excerpt).toMatchObject({
      of: "layer",
      layer: 2,
      durationUs: 60,
      fromUs: 500,
      whole: true,
      lanes: [{ device: 0, stream: "7" }],
      idle: [],
    });
    expect(excerpt.spans.map(({ kernel, startUs, durUs }) => [kernel, startUs, durUs])).toEqual(
      LAYER.map((name, at) => [name, 12 * at, 12]),
    );
    expect(excerpt.spans[1]).toMatchObject({ lane: 0, category: "gemm", exposedUs: 0 });
  });

  test("is the earliest of equal ones, whatever the number", () => {
    expect(excerptOf(layers([10, 10, 10, 10])).layer).toBe(1);
  });
});

test("other streams have lanes of their own, and what ran into the layer begins before it", () => {
  const built = trace();
  for (let layer = 0; layer < 4; layer++) {
    const at = layer * 50;
    built.copy("Memcpy", { at: at - 5, us: 10, stream: "9" }).launchedBy();
    LAYER.forEach((name, i) => {
      built.kernel(name, { at: at + 10 * i, us: 10 }).launchedBy();
    });
    built.kernel("ncclAllReduce", { at: at + 40, us: 25, stream: "8" }).launchedBy();
  }
  const { lanes, spans } = excerptOf(built);
  expect(lanes.map(({ stream }) => stream)).toEqual(["7", "8", "9"]);
  expect(spans.map(({ lane, startUs }) => [lane, startUs])).toContainEqual([2, -5]);
});

test("exposed is the part of communication no computation hides", () => {
  const built = trace();
  for (let layer = 0; layer < 4; layer++) {
    LAYER.forEach((name, i) => {
      built.kernel(name, { at: layer * 80 + 10 * i, us: 10 }).launchedBy();
    });
    built.kernel("ncclAllReduce", { at: layer * 80 + 45, us: 25, stream: "8" }).launchedBy();
  }
  const reduce = excerptOf(built).spans.find(({ kernel }) => kernel === "ncclAllReduce");
  expect(reduce).toMatchObject({ durUs: 25, exposedUs: 20 });
});

test("gaps carry the cause of most of them", () => {
  const built = trace();
  for (let layer = 0; layer < 4; layer++)
    LAYER.forEach((name, i) => {
      const at = 1000 + layer * 100 + 20 * i;
      built.kernel(name, { at, us: 10 }).launchedBy("cudaLaunchKernel", { at: at - 3, us: 2 });
    });
  const { idle } = excerptOf(built);
  expect(idle).toEqual(
    [10, 30, 50, 70].map((startUs) => ({ startUs, durUs: 10, cause: "host-launch" })),
  );
});

test("occurrences of fusion rules point at their spans, one that reaches out says so", () => {
  const rules = new Rules();
  rules.rule("inner", [state("split", rules.chain("qkv_gemm fmha"))]);
  rules.rule("across", [state("split", rules.chain("mlp_gemm norm"))]);
  rules.rule("absent", [state("split", rules.chain("fmha fmha"))]);
  rules.rule("other-kind", [state("split", rules.chain("norm qkv_gemm"))], { kind: "overlap" });
  const { fuse } = excerptOf(layers([10, 10, 10, 10]), rules);
  expect(fuse).toEqual([
    { rule: "across", state: "split", spans: [0], whole: false },
    { rule: "across", state: "split", spans: [4], whole: false },
    { rule: "inner", state: "split", spans: [1, 2], whole: true },
  ]);
});

describe("without layers", () => {
  test("a short stage is shown whole", () => {
    const built = trace();
    for (const name of ["a", "b", "c"]) built.kernel(name).launchedBy();
    expect(excerptOf(built)).toMatchObject({
      of: "stretch",
      layer: null,
      durationUs: 30,
      whole: true,
    });
  });

  test("of a long one the stretch of median duration", () => {
    const built = trace();
    // Three stretches of 120 kernels that never repeat, 1, 3 and 2 µs each.
    [1, 3, 2].forEach((us, part) => {
      for (let i = 0; i < 120; i++) built.kernel(`k${part}_${i}`, { us }).launchedBy();
    });
    expect(excerptOf(built)).toMatchObject({ of: "stretch", durationUs: 240, fromUs: 480 });
  });
});

test("a layer of more events than a picture holds is cut after the last", () => {
  const built = trace();
  for (let layer = 0; layer < 4; layer++)
    for (let i = 0; i < MOST_SPANS + 20; i++) built.kernel(`k${i}`, { us: 1 }).launchedBy();
  const excerpt = excerptOf(built);
  expect(excerpt).toMatchObject({ whole: false, durationUs: MOST_SPANS });
  expect(excerpt.spans.length).toBe(MOST_SPANS);
});
