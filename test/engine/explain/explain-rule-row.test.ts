import { expect, test } from "vitest";
import { explainRuleRow } from "../../../src/engine/explain/explain-rule-row.ts";
import { limitsOf } from "../../../src/engine/limits/index.ts";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import type { StageReport } from "../../../src/model/contracts/report.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Rule } from "../../../src/model/rule.ts";
import { graphOf, kernels, Rules, state } from "../match/make.ts";

function explained(text: string, more: Partial<Rule> = {}, facts: Facts = {}, limit = 10) {
  const rules = new Rules();
  rules.rule("r", [state("split", rules.chain("a b", { gap: 5000 }))], more);
  const graph = graphOf(rules, kernels(text));
  const stage = graph.stages[0]!;
  const { outcomes } = runRules(rules.set, graph, [{ stage: stage.stage, facts }]);
  const gpuTimeUs = 10 * stage.events.length;
  return explainRuleRow(
    {
      ruleSet: rules.set,
      graph,
      stage,
      report: { timeline: { gpuTimeUs }, overlap: [] } as unknown as StageReport,
      outcomes,
      actions: [],
      profile: vllm,
      describe: () => "",
      limits: limitsOf(graph, [], null),
    },
    rules.set.rules[0]!,
    facts,
    limit,
  );
}

test("every occurrence is listed with its kernels, its idle time and what it saves at most", () => {
  const rule = explained("a b x a b");
  expect(rule).toMatchObject({ state: "split", relatedUs: 40, sharePct: 80, saveAtMostUs: 22 });
  expect(rule.occurrenceCount).toBe(2);
  // One of two kernels of 10 µs, and the microsecond between them.
  expect(rule.occurrences[1]).toMatchObject({
    startUs: 33,
    endUs: 54,
    gapUs: 1,
    saveAtMostUs: 11,
    kernels: [
      { step: "a", kernel: "a", us: 10 },
      { step: "b", kernel: "b", us: 10 },
    ],
  });
  const sum = rule.occurrences.reduce((total, { saveAtMostUs }) => total + saveAtMostUs, 0);
  expect(sum).toBe(rule.saveAtMostUs);
});

test("the list is bounded, the count is not", () => {
  const rule = explained("a b a b a b", {}, {}, 2);
  expect(rule.occurrenceCount).toBe(3);
  expect(rule.occurrences.map(({ startUs }) => startUs)).toEqual([0, 22]);
});

test("what is saved is said as the rule counts it", () => {
  expect(explained("a b").saveBasis).toContain("all its kernels but the longest step");
  const named = explained("a b", { saves: ["b"] });
  expect(named.saveBasis).toContain("the kernels of b,");
});

test("a rule that found nothing tells the nearest misses and the clause that stopped them", () => {
  const rule = explained("a +10 b");
  expect(rule).toMatchObject({ state: "absent", occurrenceCount: 0, relatedUs: 0 });
  expect(rule.patterns[0]!.nearest).toMatchObject([
    {
      reached: 1,
      wanted: "gap 5us",
      saw: "11us idle",
      times: 1,
      kernels: [{ kernel: "a" }, { kernel: "b" }],
    },
  ]);
});

test("guards tell the value and what it was known from, or that it is assumed", () => {
  const guards = [
    { fact: "vendor", op: "in", values: ["nvidia"] },
    { fact: "tp", op: ">=", value: 2 },
  ] as const;
  const known = { vendor: { value: "nvidia", from: "deviceProperties" } } as const;
  const open = explained("a b", { guards }, known);
  expect(open.guards).toMatchObject([
    { text: "vendor = nvidia", truth: "true", value: "nvidia", from: "deviceProperties" },
    { text: "tp >= 2", truth: "unknown", value: null, from: null },
  ]);
  expect(open).toMatchObject({ state: "split", assuming: ["tp"] });
  const closed = explained("a b", { guards }, { ...known, tp: { value: 1, from: "--tp" } });
  expect(closed).toMatchObject({ state: "not-applicable (guard tp)", occurrenceCount: 0 });
  expect(closed.patterns[0]).toMatchObject({ found: 1, counted: 1 });
});
