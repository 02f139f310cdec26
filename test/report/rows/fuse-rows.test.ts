import { describe, expect, test } from "vitest";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import type { GraphKernel } from "../../../src/engine/match/test-graph.ts";
import { fuseRows } from "../../../src/report/rows/fuse-rows.ts";
import { graphOf, kernels, makeKernel, Rules, state } from "../../engine/match/make.ts";

function rowsOf(rules: Rules, list: readonly GraphKernel[]) {
  const graph = graphOf(rules, list);
  const { outcomes } = runRules(rules.set, graph, []);
  return fuseRows(graph, graph.stages[0]!, rules.set, outcomes);
}

/** "add norm" apart, "fused" as one. */
function addNorm(more: Parameters<Rules["rule"]>[2] = {}): Rules {
  const rules = new Rules();
  const states = [state("active", rules.chain("fused")), state("split", rules.chain("add norm"))];
  return rules.rule("add-norm", states, {
    title: "Add and norm",
    messages: [
      {
        kind: "verdict",
        state: "split",
        template: "{add.name} then {norm.name} {count}x ({share} of {stage}).",
      },
      { kind: "advice", state: "split", template: "Look at {norm.frame}. {unknown.field}" },
    ],
    toggle: "--fuse",
    ...more,
  });
}

test("a split pattern tells its kernels in order, their places and the rule's own words", () => {
  const [row] = rowsOf(addNorm(), [
    makeKernel("add", 0, { frame: "model.py:1 forward" }),
    makeKernel("norm", 11_000, { frame: "norm.py:2 forward", duration: 20_000 }),
    makeKernel("other", 40_000),
    makeKernel("add", 60_000, { frame: "model.py:1 forward" }),
    makeKernel("norm", 71_000, { frame: "norm.py:2 forward", duration: 20_000 }),
  ]);
  expect(row).toMatchObject({
    rule: "add-norm",
    state: "split",
    counts: { split: 2, active: 0 },
    coveragePct: 0,
    relatedUs: 60,
    sharePct: (100 * 60) / 70,
    saveAtMostUs: 22,
    evidence: [
      { step: "add", kernel: "add", launches: 2, totalUs: 20 },
      { step: "norm", kernel: "norm", launches: 2, totalUs: 40 },
    ],
    locations: ["norm.py:2 forward", "model.py:1 forward"],
    rationale: "add then norm 2x (85.7% of decode).",
    advice: "Look at norm.py:2 forward. {unknown.field}",
    toggle: "--fuse",
    belowThreshold: false,
  });
});

test("a mixture names both halves and where the open ones are", () => {
  const [row] = rowsOf(addNorm(), [
    makeKernel("fused", 0, { frame: "good.py:1 f" }),
    makeKernel("add", 20_000, { frame: "bad.py:1 f" }),
    makeKernel("norm", 31_000, { frame: "bad.py:2 f" }),
  ]);
  expect(row).toMatchObject({
    state: "partial",
    coveragePct: 50,
    evidence: [{ step: "split add" }, { step: "split norm" }, { step: "active fused" }],
    locations: ["bad.py:1 f", "bad.py:2 f"],
    rationale: "Fused at 1 of 2 places. add then norm 1x (100.0% of decode).",
    advice: expect.stringContaining("Look at"),
  });
});

test("what is fused already needs no advice and no switch", () => {
  const [row] = rowsOf(addNorm(), kernels("fused x fused"));
  expect(row).toMatchObject({
    state: "active",
    counts: { active: 2 },
    coveragePct: 100,
    saveAtMostUs: 0,
    rationale: "Add and norm",
    advice: null,
    toggle: null,
  });
});

describe("no row", () => {
  test("for an absent pattern", () => {
    expect(rowsOf(addNorm(), kernels("x y"))).toEqual([]);
  });

  test("for a rule about another framework", () => {
    const other = addNorm({ guards: [{ fact: "framework", op: "in", values: ["sglang"] }] });
    const graph = graphOf(other, kernels("add norm"));
    const { outcomes } = runRules(other.set, graph, [
      { stage: "decode", facts: { framework: { value: "vllm", from: "test" } } },
    ]);
    expect(fuseRows(graph, graph.stages[0]!, other.set, outcomes)).toEqual([]);
  });

  test("for an overlap rule, which has its own table", () => {
    expect(rowsOf(addNorm({ kind: "overlap" }), kernels("add norm"))).toEqual([]);
  });

  test("for a rule folded under a larger one, which names it instead", () => {
    const rules = addNorm();
    rules.rule("ar-add-norm", [state("split", rules.chain("ar add norm"))], {
      subsumes: ["add-norm"],
    });
    const rows = rowsOf(rules, kernels("ar add norm"));
    expect(rows.map(({ rule, alsoMatched }) => [rule, alsoMatched])).toEqual([
      ["ar-add-norm", ["add-norm"]],
    ]);
  });
});

test("a rule's own threshold is carried along, not acted on", () => {
  const [row] = rowsOf(addNorm({ reportShare: 0.9 }), kernels("add norm x x x"));
  expect(row).toMatchObject({ state: "split", belowThreshold: true });
});
