import { expect, test } from "vitest";
import { mutateRule } from "../../../src/commands/rules/mutants.ts";
import { mutantsOf } from "../../../src/engine/mutation/mutants.ts";
import type { Rule, RuleTest } from "../../../src/model/rule.ts";
import { kernels, Rules, state } from "../../engine/match/make.ts";

function passing(title: string, text: string, times: number): RuleTest {
  return {
    title,
    given: [{ fact: "tp", value: 4 }],
    kernels: kernels(text),
    expect: { match: "split", times },
  };
}

function ruleWith(tests: readonly RuleTest[], more: Partial<Rule> = {}): Rules {
  const rules = new Rules();
  const chain = rules.chain("a b", { skip: 1, gap: 5000, without: [rules.cls("f")] });
  return rules.rule("r", [state("split", chain, { min: 2 }), state("active", rules.chain("f"))], {
    guards: [{ fact: "tp", op: ">=", value: 2 }],
    tests,
    ...more,
  });
}

test("mutants change one thing each: guards, links, steps, repeats, states", () => {
  const rules = ruleWith([]);
  expect(mutantsOf(rules.set, rules.set.rules[0]!).map(({ change }) => change)).toEqual([
    "drop guard tp >= 2",
    "guard tp >= 2 -> tp > 2",
    "guard tp >= 2 -> tp <= 2",
    "split 1: drop it",
    "split 1: link 1: skip 1 -> 2",
    "split 1: link 1: skip 1 -> 0",
    "split 1: link 1: gap 5us -> 10us",
    "split 1: link 1: gap 5us -> 2.5us",
    "split 1: link 1: drop gap",
    "split 1: link 1: drop without",
    "split 1: drop step a",
    "split 1: drop step b",
    "split 1: swap a and b",
    "split 1: repeat 2 -> 1",
    "split 1: repeat 2 -> 3",
    "active 2: drop it",
    "active 2: repeat 1 -> 2",
  ]);
});

test("a report share is changed only where it can hide a row", () => {
  const ofShare = (statesOf: (rules: Rules) => Rule["states"]): string[] => {
    const rules = new Rules();
    const { set } = rules.rule("r", statesOf(rules), { reportShare: 0.1 });
    const changes = mutantsOf(set, set.rules[0]!).map(({ change }) => change);
    return changes.filter((change) => change.includes("report share"));
  };
  const active = (rules: Rules) => state("active", rules.chain("f"));
  expect(ofShare((rules) => [active(rules)])).toEqual([]);
  expect(ofShare((rules) => [active(rules), state("split", rules.chain("a b"))])).toEqual([
    "drop the report share",
    "double the report share",
  ]);
});

test("only a test of the rule's own notices a change; without tests all survive", () => {
  const rule = (rules: Rules) => rules.set.rules[0]!;
  const bare = ruleWith([]);
  expect(mutateRule(bare.set, rule(bare))).toMatchObject({ rule: "r", mutants: 17, killed: 0 });

  const tested = ruleWith([
    passing("split", "a b x a b", 2),
    { ...passing("fused", "f x f", 2), expect: { match: "active", times: 2 } },
  ]);
  const score = mutateRule(tested.set, rule(tested));
  expect(score.survivors).toEqual([
    "drop guard tp >= 2",
    "guard tp >= 2 -> tp > 2",
    "split 1: link 1: skip 1 -> 2",
    "split 1: link 1: skip 1 -> 0",
    "split 1: link 1: gap 5us -> 10us",
    "split 1: link 1: gap 5us -> 2.5us",
    "split 1: link 1: drop gap",
    "split 1: link 1: drop without",
    "split 1: drop step a",
    "split 1: drop step b",
    "split 1: repeat 2 -> 1",
    "active 2: repeat 1 -> 2",
  ]);
  expect(score.killed).toBe(5);
});

test("near misses of kernels that the rule has no word for notice nothing", () => {
  const match = passing("split", "a b x a b", 2);
  const vacuous: RuleTest = {
    ...passing("other kernels", "x y x y", 0),
    expect: { match: null, because: "pattern", guard: null },
  };
  const score = (tests: readonly RuleTest[]) => {
    const rules = ruleWith(tests);
    return mutateRule(rules.set, rules.set.rules[0]!).killed;
  };
  expect(score([match, vacuous])).toBe(score([match]));
});

test("a rule's own classes are mutated", () => {
  const rules = new Rules();
  const own = rules.classOf("r.norm", {
    kind: "all",
    of: [
      {
        kind: "any",
        of: [
          { kind: "glob", field: "name", glob: "rms*" },
          { kind: "glob", field: "name", glob: "layernorm" },
        ],
      },
      { kind: "not", of: { kind: "glob", field: "name", glob: "*quant*" } },
    ],
  });
  const step = { class: own, capture: null, min: 1, max: 1 };
  const tests = [{ ...passing("one", "rms_x y", 1), given: [] }];
  rules.rule("r", [state("split", { kind: "chain", steps: [step], links: [] })], { tests });
  expect(mutateRule(rules.set, rules.set.rules[0]!).survivors).toEqual([
    'r.norm: drop not name "*quant*"',
    'r.norm: drop name "layernorm"',
    'r.norm: widen "rms*"',
    'r.norm: widen "layernorm"',
  ]);
});
