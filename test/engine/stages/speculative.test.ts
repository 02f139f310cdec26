import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { stagePhases, stageRequests } from "../../../src/engine/stages/stage-requests.ts";
import { stageTimeline } from "../../../src/engine/timeline/stage-timeline.ts";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

/** One kernel of 100 µs in each step; the steps begin 1 ms apart. */
function graphOf(labels: readonly string[]) {
  const built = trace();
  for (const [at, label] of labels.entries()) {
    built.annotation(label, at * 1000, at * 1000 + 500);
    built.kernel("gemm", { at: at * 1000 + 100, us: 100 }).launchedBy("cudaLaunchKernel", {
      at: at * 1000 + 50,
    });
  }
  return buildKernelGraph(built.build(), {
    profile: sglang,
    ruleSet: VOCABULARY,
    stageHint: null,
  });
}

describe("speculative decoding", () => {
  test("draft and verify are decode steps, told apart", () => {
    const graph = graphOf(["step[DRAFT bs=8]", "step[VERIFY bs=8]", "step[DRAFT bs=8]"]);
    expect(graph.stages.map(({ stage, steps }) => [stage, steps.length])).toEqual([["decode", 3]]);
    const stage = graph.stages[0]!;
    const phases = stagePhases(graph, stage, stageTimeline(graph, stage).perStep);
    expect(phases).toMatchObject([
      { phase: "draft", steps: 2, gpuTimeUs: 200 },
      { phase: "verify", steps: 1, gpuTimeUs: 100 },
    ]);
    expect(stageRequests(graph, stage)).toMatchObject({ batch: 8, generation: 8, phase: null });
  });

  test("two prefill steps and the rest decode", () => {
    const graph = graphOf([
      "step[EXTEND bs=1 toks=8]",
      "step[EXTEND bs=1 toks=8]",
      "step[VERIFY bs=32]",
    ]);
    expect(graph.stages.map(({ stage, steps }) => [stage, steps.length])).toEqual([
      ["prefill", 2],
      ["decode", 1],
    ]);
    expect(stageRequests(graph, graph.stages[1]!).phase).toBe("verify");
  });

  test("a step of an unknown mode bounds its work and is no decode step", () => {
    const graph = graphOf(["step[DECODE bs=8]", "step[WHATEVER bs=8]", "step[DECODE bs=8]"]);
    expect(graph.stages.map(({ stage, steps }) => [stage, steps.length])).toEqual([
      ["decode", 2],
      ["all", 1],
    ]);
  });
});
