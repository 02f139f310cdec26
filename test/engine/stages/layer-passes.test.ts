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

describe("prefill and decode told apart", () => {
  const DECODE = "void vllm::paged_attention_v1_kernel<__nv_bfloat16, 128>(x)";
  const PREFILL =
    "fmhaSm100aKernel_QkvE4m3OBfloat16H64PagedKvCausalP16VarSeqQ128Kv128PersistentContext";
  const WRITE = "void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16>(x)";

  interface Forward {
    readonly attention: string;
    readonly tokens: number;
    readonly graph?: boolean;
  }

  function forwards(all: readonly Forward[]) {
    const built = trace();
    for (const [forward, { attention, tokens, graph = false }] of all.entries()) {
      const from = forward * 1000;
      const layer = ["rms_norm", "qkv_gemm", WRITE, attention, "o_gemm"];
      const names = ["embedding", ...Array(8).fill(layer).flat(), "lm_head_gemm", "argmax"];
      const gridOf = (name: string) => (name === WRITE ? `${tokens},1,1/256,1,1` : "");
      if (graph) {
        built.replay(names, { at: from + 20, us: 12, gapUs: 3, gridOf });
        continue;
      }
      for (const [at, name] of names.entries())
        built
          .kernel(name, { at: from + 20 + at * 15, us: 12, grid: gridOf(name) })
          .launchedBy("cudaLaunchKernel", { at: from + 1 + at * 10, us: 2 });
    }
    const graphed = buildKernelGraph(built.build(), {
      ...{ profile: vllm, ruleSet: VOCABULARY, stageHint: null },
    });
    return graphed.steps.map(({ stage, label }) => [stage, label.split(": ")[1] ?? ""]);
  }

  test.each([
    [DECODE, 4, "decode", /^decode, by vllm::paged_attention_v1_kernel/],
    [PREFILL, 900, "prefill", /^prefill, by fmhaSm100aKernel/],
  ])("by attention that does one of them only (%s)", (attention, tokens, stage, why) => {
    const told = forwards(Array(4).fill({ attention, tokens }));
    expect(told.map(([one]) => one)).toEqual(Array(4).fill(stage));
    expect(told[1]![1]).toMatch(why);
  });

  test("by whole graphs of few tokens beside passes of many without", () => {
    const graph = { attention: "unified", tokens: 8, graph: true };
    const eager = { attention: "unified", tokens: 700 };
    const told = forwards([graph, graph, eager, graph]);
    expect(told.map(([stage]) => stage)).toEqual(["decode", "decode", "all", "decode"]);
    expect(told[0]![1]).toBe(
      "decode, as one graph of 8 tokens, passes of 700 and more run without",
    );
  });

  test("not at all where nothing is certain", () => {
    const one = { attention: "unified", tokens: 8, graph: true };
    expect(forwards([one, one, one])).toEqual(Array(3).fill(["all", ""]));
    const other = { attention: "unified", tokens: 300 };
    expect(forwards([other, { ...other, tokens: 8 }, other])).toEqual(Array(3).fill(["all", ""]));
  });
});
