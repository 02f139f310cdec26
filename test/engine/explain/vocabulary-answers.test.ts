import { beforeAll, expect, test } from "vitest";
import { vocabularyAnswers } from "../../../src/engine/explain/vocabulary-answers.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { classText } from "../../../src/model/rule-text.ts";
import { loadRuleLibrary, type RuleLibrary } from "../../support/rule-library.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";

let library: RuleLibrary;
beforeAll(async () => {
  library = await loadRuleLibrary();
});

/** What is told of the category of the first kernel. */
function category(built: Pick<TraceBuilder, "build">) {
  const { ruleSet } = library;
  const graph = buildKernelGraph(built.build(), { profile: vllm, ruleSet, stageHint: null });
  const describe = (expr: Parameters<typeof classText>[1]) => classText(ruleSet, expr);
  return vocabularyAnswers(ruleSet, graph, [0], describe).find(({ what }) => what === "category");
}

test("a class of exact names tells with the glob that fits", () => {
  expect(category(trace().kernel("nvjet_tst_128x128").launchedBy())).toMatchObject({
    answer: "gemm",
    from: "class",
    because: 'name "nvjet_*"',
  });
});

test("words tell with the word that decided", () => {
  expect(category(trace().kernel("lab_rmsnorm_fancy").launchedBy())).toMatchObject({
    answer: "norm",
    from: "words",
    because: expect.stringMatching(/^word "(\*norm|rmsnorm\*)/),
  });
});

test("the op tells where the name says nothing", () => {
  expect(
    category(trace().kernel("lab_secret_1").inside("aten::convolution").launchedBy()),
  ).toMatchObject({
    answer: "gemm",
    from: "op",
    because: expect.stringContaining("convolution"),
  });
});

test("what nothing tells has no ground", () => {
  expect(category(trace().kernel("lab_secret_2").launchedBy())).toMatchObject({
    answer: "other",
    from: null,
    class: null,
  });
});
