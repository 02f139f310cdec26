import { expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { VOCABULARY } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

/** A model whose layers are of many kinds: nothing in it repeats. */
const MODEL = Array.from({ length: 60 }, (_, at) => `kernel_${"abcdefgh"[at % 7]}_${at}`);

/** What a pass runs: its graph, or that of each piece, or nothing captured. */
type Pass = "graph" | "pieces" | "eager";

function stepsOf(passes: readonly Pass[], { annotated = false, model = MODEL } = {}) {
  const built = trace();
  for (const [pass, how] of passes.entries()) {
    const from = pass * 2000;
    if (annotated) built.annotation("execute_context_0(0)_generation_8(8)", from, from + 1500);
    built
      .kernel("copy_inputs", { at: from + 5, us: 2 })
      .launchedBy("cudaLaunchKernel", { at: from + 1, us: 2 });
    if (how === "graph") built.replay(model, { at: from + 20, us: 12, gapUs: 3 });
    for (const [at, name] of how === "graph" ? [] : model.entries())
      if (how === "pieces" && at % 10 === 0)
        built.replay(model.slice(at, at + 10), { at: from + 20 + at * 15, us: 12, gapUs: 3 });
      else if (how === "eager")
        built
          .kernel(name, { at: from + 20 + at * 15, us: 12 })
          .launchedBy("cudaLaunchKernel", { at: from + 10 + at * 10, us: 2 });
    // The next pass waits for what this one sampled.
    built
      .kernel("sample", { at: from + 940, us: 5 })
      .launchedBy("cudaLaunchKernel", { at: from + 930, us: 2 });
  }
  const graph = buildKernelGraph(built.build(), {
    ...{ profile: vllm, ruleSet: VOCABULARY, stageHint: null },
  });
  const perStep = graph.steps.map(() => 0);
  for (const step of graph.stepOf) perStep[step]!++;
  return { from: graph.steps[0]!.from, perStep };
}

test("a graph that holds the model is a pass, with what prepares it and what samples", () => {
  const { from, perStep } = stepsOf(Array(5).fill("graph"));
  expect([from, perStep]).toEqual(["graph-launch", Array(5).fill(MODEL.length + 2)]);
});

test("annotations tell steps better", () => {
  expect(stepsOf(Array(5).fill("graph"), { annotated: true }).from).toBe("annotation");
});

test.each([
  ["pieces of a model are no passes", ["pieces", "pieces", "pieces"]],
  ["nor are passes beside a pass without a graph", ["graph", "eager", "graph", "graph"]],
  ["nor are two", ["graph", "graph"]],
] as const)("%s", (_, passes) => {
  expect(stepsOf(passes).from).toBe("whole-trace");
});

test("nor are graphs of a few kernels", () => {
  expect(stepsOf(Array(5).fill("graph"), { model: MODEL.slice(0, 12) }).from).toBe("whole-trace");
});
