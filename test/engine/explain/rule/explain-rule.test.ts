import { describe, expect, test } from "vitest";
import { explainRule, type RuleReading } from "../../../../src/engine/explain/rule/explain-rule.ts";
import { nearMisses } from "../../../../src/engine/explain/rule/near-misses.ts";
import { ruleInStage } from "../../../../src/engine/explain/rule/rule-in-stage.ts";
import { runRules } from "../../../../src/engine/match/run-rules.ts";
import type { GraphKernel } from "../../../../src/engine/rule-tests/test-graph.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Rule, StatePattern } from "../../../../src/model/rule.ts";
import { graphOf, kernels, Rules, state } from "../../match/make.ts";

function explained(
  rules: Rules,
  split: StatePattern,
  list: readonly GraphKernel[],
  facts: Facts = {},
  more: Partial<Rule> = {},
): RuleReading {
  rules.rule("r", [split], more);
  const graph = graphOf(rules, list);
  return explainRule(rules.set, rules.set.rules[0]!, graph, graph.stages[0]!, facts);
}
/** "reached/step clause: wanted; saw xTimes" of every stop of the only pattern. */
function stops(explanation: RuleReading): string[] {
  return explanation.patterns[0]!.stops.map(
    (it) => `${it.reached} ${it.clause}: ${it.wanted}; ${it.saw} x${it.times}`,
  );
}

describe("what stopped a chain", () => {
  const stopped = (chain: string, link: Parameters<Rules["chain"]>[1], text: string): string[] => {
    const rules = new Rules();
    return stops(explained(rules, state("split", rules.chain(chain, link)), kernels(text)));
  };

  test("too many kernels between", () => {
    expect(stopped("a b", { skip: 1 }, "a x y b a x y z b")).toEqual([
      "1 skip: skip 1; 2 between: x, y x2",
    ]);
  });

  test("too much idle time", () => {
    expect(stopped("a b", { gap: 5000 }, "a +10 b")).toEqual(["1 gap: gap 5us; 11us idle x1"]);
  });

  test("nothing to go on with, and what came farther is told first", () => {
    expect(stopped("a b c", {}, "a b x x a x")).toEqual([
      "2 missing: c as c; none in the next 32 kernels x1",
      "1 missing: b as b; none in the next 32 kernels x1",
    ]);
  });

  test("a forbidden kernel, a scheduler step, too few repeats", () => {
    const rules = new Rules();
    const link = { skip: 2, without: [rules.cls("x")] };
    expect(
      stops(explained(rules, state("split", rules.chain("a b", link)), kernels("a x b"))),
    ).toEqual(["1 without: without x; x x1"]);
    const other = new Rules();
    const steps = kernels("a b").map((it, step) => ({ ...it, step }));
    expect(stops(explained(other, state("split", other.chain("a b")), steps))[0]).toMatch(
      /^1 step/,
    );
    expect(stopped("a b{2..3}", {}, "a b x")).toEqual(["1 repeat: b as b{2..3}; 1 in a row x1"]);
  });

  test("a condition", () => {
    const rules = new Rules();
    const where = [
      {
        left: { capture: "a", field: "scope" as const },
        right: { capture: "b", field: "scope" as const },
        equal: true,
      },
    ];
    const list = kernels("a b").map((it) => ({ ...it, scope: it.name }));
    expect(stops(explained(rules, state("split", rules.chain("a b"), { where }), list))).toEqual([
      "2 where: where a.scope == b.scope; it does not hold x1",
    ]);
  });

  test("occurrences are no misses, and uncounted ones are told apart", () => {
    const rules = new Rules();
    const split = state("split", rules.chain("a b"), { min: 3 });
    const { patterns } = explained(rules, split, kernels("a b a b"));
    expect(patterns[0]).toMatchObject({ found: 2, counted: 0, stops: [] });
  });
});

test("what stopped a group: the window, or a step that is nowhere", () => {
  const group = (rules: Rules) =>
    state("split", { kind: "any-order", steps: [rules.step("a"), rules.step("b")], within: 2 });
  const near = new Rules();
  expect(stops(explained(near, group(near), kernels("a x b"))).join()).toContain(
    "1 within: within 2 kernels; b as b comes as kernel 3 x1",
  );
  const far = new Rules();
  expect(stops(explained(far, group(far), kernels("a x x")))).toEqual([
    "1 missing: b as b; none in 8 kernels x1",
  ]);
});

test("what stopped an overlap: the stream, the time or the share", () => {
  const over = (rules: Rules) =>
    state("split", {
      kind: "overlap",
      first: rules.step("a"),
      second: rules.step("b"),
      minShare: 0.5,
    });
  const told = (text: string): string[] => {
    const rules = new Rules();
    return stops(explained(rules, over(rules), kernels(text)));
  };
  expect(told("a b")).toEqual(["1 stream: kernels of two streams; both are on one stream x1"]);
  expect(told("@s a @t b")).toEqual(["1 missing: kernels at the same time; 1us apart x1"]);
  const rules = new Rules();
  const list = kernels("@s a @t b").map((it) => ({ ...it, start: it.name === "b" ? 9000 : 0 }));
  expect(stops(explained(rules, over(rules), list))).toEqual([
    "2 share: >= 50%; 10.0% of the shorter kernel x1",
  ]);
});

test("guards carry their value and where it is from", () => {
  const rules = new Rules();
  const guards = [
    { fact: "tp" as const, op: ">=" as const, value: 2, line: 7 },
    { fact: "quant" as const, op: "in" as const, values: ["fp8"] },
  ];
  const tp1 = { tp: { value: 1, from: "--tp" } };
  const answer = explained(rules, state("split", rules.chain("a b")), kernels("a b"), tp1, {
    guards,
  });
  expect(answer.guards).toEqual([
    { text: "tp >= 2", line: 7, truth: "false", fact: { value: 1, from: "--tp" } },
    { text: "quant = fp8", line: null, truth: "unknown", fact: null },
  ]);
  expect(answer.outcome?.blockedBy).toBe("tp");
  expect(answer.patterns[0]).toMatchObject({ found: 1, counted: 1 });
});

test("a printed explanation reads from the answer to the kernels", () => {
  const rules = new Rules();
  const chain = rules.chain("a b", { skip: 1, gap: 5000 });
  const split = { ...state("split", chain, { min: 2 }), line: 12 };
  rules.rule("r", [split], {
    title: "Rule",
    guards: [{ fact: "vendor", op: "in", values: ["nvidia"], line: 9 }],
  });
  const graph = graphOf(rules, kernels("a b x a x y b"));
  const answer = explainRule(rules.set, rules.set.rules[0]!, graph, graph.stages[0]!, {});
  expect(ruleInStage(answer, graph)).toMatchObject({
    stage: "decode",
    state: "absent",
    blockedBy: null,
    failure: null,
    assuming: ["vendor"],
    guards: [{ text: "vendor = nvidia", line: 9, truth: "unknown", value: null, from: null }],
    patterns: [
      {
        state: "split",
        line: 12,
        text: "a as a -> [skip 1, gap 5us] b as b",
        repeatMin: 2,
        foreign: 0,
        steps: [
          { step: "a as a", kernels: 2, names: [{ kernel: "a", launches: 2 }] },
          { step: "b as b", kernels: 2, names: [{ kernel: "b", launches: 2 }] },
        ],
        found: 1,
        counted: 0,
        nearest: [
          {
            reached: 1,
            line: 12,
            wanted: "skip 1",
            saw: "2 between: x, y",
            times: 1,
            kernels: [
              { step: "a", kernel: "a", startUs: 33, us: 10, stream: "main", location: null },
              { step: null, kernel: "x" },
              { step: null, kernel: "y" },
              { step: "b", kernel: "b" },
            ],
          },
        ],
      },
    ],
  });
});

test("near misses name the clause that stopped each rule, nearest first", () => {
  const rules = new Rules();
  rules.rule("absent", [state("split", rules.chain("q r s"))]);
  rules.rule("half", [state("split", rules.chain("b s"))]);
  rules.rule("elsewhere", [state("active", rules.chain("a"))], {
    guards: [{ fact: "tp", op: ">=", value: 2 }],
  });
  rules.rule("blocked", [state("split", rules.chain("a b"))], {
    guards: [{ fact: "tp", op: ">=", value: 2, line: 3 }],
  });
  rules.rule("far", [state("split", rules.chain("a b", { gap: 0 }))]);
  rules.rule("found", [state("split", rules.chain("a b"))]);
  rules.rule("few", [state("split", rules.chain("a b"), { min: 5 })]);
  rules.rule("small", [state("split", rules.chain("a b"))], { reportShare: 0.9 });
  const graph = graphOf(rules, kernels("a b x y"));
  const facts = [{ stage: "decode" as const, facts: { tp: { value: 1, from: "--tp" } } }];
  const { outcomes } = runRules(rules.set, graph, facts);
  expect(nearMisses(rules.set, graph, facts, outcomes)).toEqual([
    {
      rule: "few",
      stage: "decode",
      reached: 1,
      stoppedBy: "fuse/test/few.fuse: repeat >= 5, saw 1",
    },
    {
      rule: "small",
      stage: "decode",
      reached: 1,
      stoppedBy: "fuse/test/small.fuse: report share >= 90%, split but smaller",
    },
    {
      rule: "blocked",
      stage: "decode",
      reached: 0.5,
      stoppedBy: "fuse/test/blocked.fuse:3: tp >= 2, is 1 (--tp)",
    },
    {
      rule: "far",
      stage: "decode",
      reached: 0.5,
      stoppedBy: "fuse/test/far.fuse: gap 0us, saw 1us idle",
    },
  ]);
});
