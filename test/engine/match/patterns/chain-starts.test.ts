import { expect, test } from "vitest";
import { decideClasses } from "../../../../src/engine/match/classes/class-table.ts";
import { viewStage } from "../../../../src/engine/match/match-stage.ts";
import { chainReader } from "../../../../src/engine/match/patterns/chain-starts.ts";
import { planRule } from "../../../../src/engine/match/rule-plan.ts";
import { graphOf, kernels, Rules, state } from "../make.ts";

test("an overflowing table gives the same starts as a roomy one", () => {
  const rules = new Rules();
  const chains = ["a b c", "a{1..3} c", "b q? c", "c a", "a* b c"];
  for (const [i, text] of chains.entries())
    rules.rule(`r${i}`, [state("split", rules.chain(text, { skip: 2, past: [rules.cls("p")] }))]);
  const text = Array.from(
    { length: 400 },
    (_, i) => "abcpqx"[(Math.imul(i, 0x9e3779b1) >>> 13) % 6],
  ).join(" ");
  const graph = graphOf(rules, kernels(text));
  const table = decideClasses(rules.set, graph);
  const plans = rules.set.rules.map((rule) => planRule(rule, table));
  const view = viewStage(plans, table, graph, graph.stages[0]!);
  const chainsOf = plans.flatMap(({ patterns }) =>
    patterns.flatMap((pattern) => (pattern.kind === "chain" ? [pattern.plan] : [])),
  );
  const starts = (cells?: number) => chainReader(chainsOf, view.letters, cells)(view.lanes);
  const roomy = starts();
  expect(roomy.flat().length).toBeGreaterThan(100);
  expect(starts(12)).toEqual(roomy);
});

test("an automaton that has read one stage gives the next its own starts", () => {
  const rules = new Rules();
  rules.rule("r", [state("split", rules.chain("a b"))]);
  const graph = graphOf(rules, kernels("a b x a b"));
  const table = decideClasses(rules.set, graph);
  const plans = rules.set.rules.map((rule) => planRule(rule, table));
  const { lanes, letters } = viewStage(plans, table, graph, graph.stages[0]!);
  const chains = plans.flatMap(({ patterns }) =>
    patterns.flatMap((pattern) => (pattern.kind === "chain" ? [pattern.plan] : [])),
  );
  const read = chainReader(chains, letters);
  expect(read(lanes)).toEqual([[0, 3]]);
  expect(read(lanes)).toEqual([[0, 3]]);
});
