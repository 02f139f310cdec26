import { expect, test } from "vitest";
import { loadRules } from "../../src/dsl/load-rules.ts";
import type { Pattern, Rule, RuleTest, StateName, TestKernel } from "../../src/model/rule.ts";
import { answerTests } from "../../src/pipeline/rule-tests.ts";

const { ruleSet } = await loadRules("rules");

/** Rules' own positive tests of states whose every picture takes more than one kernel. */
const cases = ruleSet.rules.flatMap((rule) =>
  rule.tests.flatMap((own) =>
    own.expect.match !== null && needsSeveral(rule, own.expect.match)
      ? [{ rule, own, state: own.expect.match }]
      : [],
  ),
);

function needsSeveral(rule: Rule, state: StateName): boolean {
  const pictures = rule.states.filter((it) => it.state === state).map(({ pattern }) => pattern);
  return pictures.length > 0 && pictures.every((pattern) => leastKernels(pattern) > 1);
}

function leastKernels(pattern: Pattern): number {
  if (pattern.kind === "overlap") return 2;
  return pattern.steps.reduce((sum, { min }) => sum + min, 0);
}

function stateOf(rule: Rule, own: RuleTest, kernels: readonly TestKernel[]): string {
  const [answer] = answerTests(ruleSet, rule, [{ ...own, kernels }]);
  return typeof answer === "string" ? answer : answer!.state;
}

test("there are cases to try", () => {
  expect(cases.length).toBeGreaterThan(100);
});

test("the kernels of a chain, each on a stream of its own, are no chain", () => {
  const convicted = cases
    .filter(({ rule, state }) =>
      rule.states.every(({ state: it, pattern }) => it !== state || pattern.kind !== "overlap"),
    )
    .filter(({ rule, own, state }) => {
      const apart = own.kernels.map((kernel, i) => ({ ...kernel, stream: `${i}` }));
      return stateOf(rule, own, apart) === state;
    });
  expect(convicted.map(({ rule, own }) => `${rule.id}: ${own.title}`)).toEqual([]);
});

test("kernels that overlapped, one after the other on one stream, do not overlap", () => {
  const convicted = cases
    .filter(({ rule, state }) =>
      rule.states.every(({ state: it, pattern }) => it !== state || pattern.kind === "overlap"),
    )
    .filter(({ rule, own, state }) => {
      let end = 0;
      const inTurn = own.kernels.map((kernel) => {
        const start = Math.max(end, kernel.start);
        end = start + kernel.duration;
        return { ...kernel, stream: "main", start };
      });
      return stateOf(rule, own, inTurn) === state;
    });
  expect(convicted.map(({ rule, own }) => `${rule.id}: ${own.title}`)).toEqual([]);
});
