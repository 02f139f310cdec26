import { describe, expect, test } from "vitest";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import type { RuleOutcome } from "../../../src/model/finding.ts";
import type { Rule } from "../../../src/model/rule.ts";
import { graphOf, kernels, makeLink, Rules, state } from "./make.ts";

function run(rules: Rules, text: string): Map<string, RuleOutcome> {
  const { outcomes } = runRules(rules.set, graphOf(rules, kernels(text)), []);
  return new Map(outcomes.map((outcome) => [outcome.rule, outcome]));
}

/** active "f", partial "p b", split "a b". */
function threeStates(rules: Rules, more: Partial<Rule> = {}): Rules {
  return rules.rule(
    "r",
    [
      state("split", rules.chain("a b")),
      state("partial", rules.chain("p b")),
      state("active", rules.chain("f")),
    ],
    more,
  );
}

describe("states of one rule", () => {
  test.each([
    ["f x f", "active", { active: 2, partial: 0, split: 0 }],
    ["a b x a b", "split", { active: 0, partial: 0, split: 2 }],
    ["p b", "partial", { active: 0, partial: 1, split: 0 }],
    ["f a b", "partial", { active: 1, partial: 0, split: 1 }],
    ["x y", "absent", { active: 0, partial: 0, split: 0 }],
  ])("%s is %s", (text, wanted, counts) => {
    const outcome = run(threeStates(new Rules()), text).get("r")!;
    expect(outcome).toMatchObject({ state: wanted, underlying: wanted, counts });
  });

  test("what an active occurrence holds is no evidence for the others", () => {
    const rules = new Rules();
    rules.rule("r", [state("split", rules.chain("f b")), state("active", rules.chain("f"))]);
    expect(run(rules, "f b").get("r")).toMatchObject({ state: "active" });
  });

  test("too few repeats are no occurrence and claim nothing", () => {
    const rules = new Rules();
    rules.rule("r", [
      state("active", rules.chain("f"), { min: 3 }),
      state("split", rules.chain("f b"), { min: 2 }),
    ]);
    expect(run(rules, "f b x f b").get("r")).toMatchObject({
      state: "split",
      counts: { active: 0, split: 2 },
    });
  });

  test("time is the time of exactly the occurrences' kernels", () => {
    const outcome = run(threeStates(new Rules()), "a x b a b a").get("r")!;
    expect(outcome.occurrences.map((it) => it.rows)).toEqual([[[3], [4]]]);
    expect(outcome.relatedNs).toBe(20_000);
  });

  test("below the report share a split is kept but not reported; an active fusion never is", () => {
    const more = { reportShare: 0.5 };
    expect(run(threeStates(new Rules(), more), "a b x x x").get("r")).toMatchObject({
      state: "below-threshold",
      underlying: "split",
      relatedNs: 20_000,
    });
    expect(run(threeStates(new Rules(), more), "f x x x").get("r")!.state).toBe("active");
  });

  test("a false guard makes the rule not applicable and names the fact", () => {
    const guards = [{ fact: "tp" as const, op: ">=" as const, value: 2 }];
    const rules = threeStates(new Rules(), { guards });
    const graph = graphOf(rules, kernels("a b"));
    const with1 = runRules(rules.set, graph, [
      { stage: "decode", facts: { tp: { value: 1, from: "test" } } },
    ]);
    expect(with1.outcomes[0]).toMatchObject({ state: "not-applicable", blockedBy: "tp" });
    const unknown = runRules(rules.set, graph, []);
    expect(unknown.outcomes[0]).toMatchObject({ state: "split", assuming: ["tp"] });
  });

  test("asking for fields the trace lacks is an assumption", () => {
    const rules = new Rules();
    const chain = rules.chain("a b");
    const where = [
      {
        left: { capture: "a", field: "scope" as const },
        right: { capture: "b", field: "scope" as const },
        equal: true,
      },
    ];
    rules.rule("r", [state("split", chain, { where })]);
    expect(run(rules, "a b").get("r")!.assuming).toEqual(["scope"]);
    expect(run(rules, "a x b").get("r")!.assuming).toEqual([]);
  });
});

describe("at most saved", () => {
  test("is all but the longest step and the gaps that close", () => {
    expect(run(threeStates(new Rules()), "a b x a +4 x").get("r")!.saveAtMostNs).toBe(11_000);
  });

  test("is the named captures where the rule names them, all of them but for the one kernel that comes", () => {
    const rules = threeStates(new Rules(), { saves: ["b"] });
    expect(run(rules, "a b").get("r")!.saveAtMostNs).toBe(11_000);
    const all = threeStates(new Rules(), { saves: ["a", "b"] });
    expect(run(all, "a b").get("r")!.saveAtMostNs).toBe(11_000);
  });

  test("is all but the longest step where a pattern has none of the named captures", () => {
    expect(run(threeStates(new Rules(), { saves: ["a"] }), "p b").get("r")!.saveAtMostNs).toBe(
      11_000,
    );
  });

  test("is nothing for a fused path", () => {
    expect(run(threeStates(new Rules()), "f f").get("r")!.saveAtMostNs).toBe(0);
  });
});

describe("claims between rules", () => {
  function nested(more: Partial<Rule> = {}): Rules {
    const rules = new Rules();
    rules.rule("big", [state("split", rules.chain("ar norm"))], { subsumes: ["small"], ...more });
    rules.rule("small", [state("active", rules.chain("norm"))], { subsumes: ["tiny"] });
    rules.rule("tiny", [state("split", rules.chain("norm q"))]);
    return rules;
  }

  test("the rule above takes the kernels, the one below is folded under it", () => {
    const outcomes = run(nested(), "ar norm x ar norm");
    expect(outcomes.get("big")).toMatchObject({ state: "split", alsoMatched: ["small"] });
    expect(outcomes.get("small")).toMatchObject({ state: "active", foldedUnder: "big" });
    expect(outcomes.get("small")!.occurrences).toHaveLength(2);
  });

  test("occurrences elsewhere stay with the rule below", () => {
    const outcomes = run(nested(), "ar norm x norm");
    expect(outcomes.get("big")!.alsoMatched).toEqual(["small"]);
    expect(outcomes.get("small")).toMatchObject({
      foldedUnder: null,
      counts: { active: 1 },
      relatedNs: 10_000,
    });
  });

  test("the order is transitive", () => {
    const outcomes = run(nested(), "ar norm q");
    expect(outcomes.get("tiny")!.foldedUnder).toBe("big");
    expect(outcomes.get("big")!.alsoMatched).toEqual(["small", "tiny"]);
  });

  test("a finding too small to be shown folds nothing", () => {
    const outcomes = run(nested({ reportShare: 0.9 }), "ar norm x");
    expect(outcomes.get("big")!.state).toBe("below-threshold");
    expect(outcomes.get("small")!.foldedUnder).toBeNull();
  });

  test("rules without an order both report; declared rivals name each other", () => {
    const rules = new Rules();
    rules.rule("one", [state("split", rules.chain("a b"))], { conflicts: ["two"] });
    rules.rule("two", [state("split", rules.chain("b c"))]);
    rules.rule("three", [state("split", rules.chain("a b"))]);
    const outcomes = run(rules, "a b c");
    expect(outcomes.get("one")).toMatchObject({ foldedUnder: null, alsoMatched: ["two"] });
    expect(outcomes.get("two")).toMatchObject({ foldedUnder: null, alsoMatched: ["one"] });
    expect(outcomes.get("three")).toMatchObject({ foldedUnder: null, alsoMatched: [] });
  });
});

describe("rules that cannot run", () => {
  test("fail alone, with a reason", () => {
    const rules = threeStates(new Rules());
    rules.rule("lost", [
      state("split", { kind: "chain", steps: [rules.step("a")], links: [makeLink()] }),
    ]);
    const { outcomes, failures } = runRules(rules.set, graphOf(rules, kernels("a b")), []);
    expect(failures.map(({ rule }) => rule)).toEqual(["lost"]);
    expect(failures[0]!.message).toMatch(/1 steps has 1 links/);
    expect(outcomes.map(({ rule }) => rule)).toEqual(["r"]);
  });

  test("a circle of subsumes is reported and ignored", () => {
    const rules = new Rules();
    rules.rule("one", [state("split", rules.chain("a b"))], { subsumes: ["two"] });
    rules.rule("two", [state("split", rules.chain("a b"))], { subsumes: ["one"] });
    const { outcomes, failures } = runRules(rules.set, graphOf(rules, kernels("a b")), []);
    expect(failures.map(({ rule }) => rule)).toEqual(["one", "two"]);
    expect(outcomes.map(({ foldedUnder }) => foldedUnder)).toEqual([null, null]);
  });
});
