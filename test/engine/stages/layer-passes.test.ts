import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { unknown } from "../../../src/ingest/frameworks/unknown.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

const LAYER = ["rms_norm", "qkv_gemm", "attention", "o_gemm", "mlp_gemm"];

/** Forwards of eight layers between an embedding and a sampling kernel, 200 µs apart. */
function graphOf(forwards: number, { annotated = false, profile = vllm } = {}) {
  const built = trace();
  for (let forward = 0; forward < forwards; forward++) {
    const from = forward * 1000;
    if (annotated) built.annotation("execute_context_0(0)_generation_8(8)", from, from + 700);
    const names = [
      "embedding",
      ...Array.from({ length: 8 }, () => LAYER).flat(),
      "lm_head_gemm",
      "sample_argmax",
    ];
    for (const [at, name] of names.entries())
      built
        .kernel(name, { at: from + 20 + at * 15, us: 12 })
        .launchedBy("cudaLaunchKernel", { at: from + 1 + at * 10, us: 2 });
  }
  return buildKernelGraph(built.build(), { profile, ruleSet: VOCABULARY, stageHint: null });
}

describe("passes told by their layers", () => {
  test("ten forwards without annotations are ten steps, each with its embedding and sampling", () => {
    const graph = graphOf(10);
    expect(graph.steps).toHaveLength(10);
    expect(graph.steps[0]).toMatchObject({ from: "layers", label: "pass 1 of 10", stage: "all" });
    const perStep = new Uint32Array(10);
    for (const step of graph.stepOf) perStep[step]!++;
    expect([...perStep]).toEqual(Array(10).fill(8 * LAYER.length + 3));
    expect(graph.stages[0]!.layers?.count).toBe(8);
  });

  test("annotations tell steps better", () => {
    const graph = graphOf(4, { annotated: true });
    expect(graph.steps.map(({ from }) => from)).toEqual(Array(4).fill("annotation"));
  });

  test("one forward is one step, and layers of anything else are no passes", () => {
    expect(graphOf(1).steps).toMatchObject([{ from: "whole-trace" }]);
    expect(graphOf(4, { profile: unknown }).steps).toMatchObject([{ from: "whole-trace" }]);
  });
});
