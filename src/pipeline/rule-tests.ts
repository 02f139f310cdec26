import { type ClassTable, decideClasses } from "../engine/match/classes/class-table.ts";
import { runRulesOn } from "../engine/match/run-rules.ts";
import { meetsExpectation, reasonOf } from "../engine/rule-tests/expectation.ts";
import { buildTestGraphs } from "../engine/rule-tests/test-graph.ts";
import { vocabularyFor } from "../engine/rule-tests/vocabulary-use.ts";
import type { Facts, StageFacts } from "../model/facts.ts";
import type { RuleOutcome } from "../model/finding.ts";
import { STAGES, type StageName } from "../model/framework.ts";
import type { Rule, RuleSet, RuleTest, TestExpectation } from "../model/rule.ts";

/** What became of one embedded test. */
export interface RuleTestResult {
  readonly rule: string;
  readonly file: string;
  readonly test: string;
  readonly passed: boolean;
  /** "match split 4 times", "no match because guard tp". */
  readonly expected: string;
  /** What the engine answered instead, in the same words; the same text when it passed. */
  readonly saw: string;
}

/**
 * Runs the tests embedded in the rules, each rule alone so that no other claims its kernels. A
 * fact that `given` does not name is unknown, as in a trace that does not tell it.
 */
export function runRuleTests(ruleSet: RuleSet): RuleTestResult[] {
  return ruleSet.rules.flatMap((rule) => runTestsOf(ruleSet, rule));
}

/** Place of the next rule of a set whose tests nobody runs yet, in memory that threads share. */
export type NextRule = Int32Array<SharedArrayBuffer>;

export const firstRule = (): NextRule => new Int32Array(new SharedArrayBuffer(4));

/** Results by the rule's place in its set. */
export type TestResults = ReadonlyMap<number, readonly RuleTestResult[]>;

/** Runs the tests of one rule after the other until all are taken, by this thread or by another. */
export function runTestsLeft(ruleSet: RuleSet, next: NextRule): TestResults {
  const results = new Map<number, readonly RuleTestResult[]>();
  const { rules } = ruleSet;
  for (let at = Atomics.add(next, 0, 1); at < rules.length; at = Atomics.add(next, 0, 1))
    results.set(at, runTestsOf(ruleSet, rules[at]!));
  return results;
}

/** The tests of one rule, in the order they are written. */
export function runTestsOf(ruleSet: RuleSet, rule: Rule): RuleTestResult[] {
  const answers = answerTests(ruleSet, rule, rule.tests);
  return rule.tests.map((test, index) => {
    const answer = answers[index]!;
    const expected = describeExpectation(test.expect);
    const passed = typeof answer !== "string" && meetsExpectation(answer, test.expect);
    const saw = typeof answer === "string" ? answer : passed ? expected : describeOutcome(answer);
    return { rule: rule.id, file: rule.file, test: test.title, passed, expected, saw };
  });
}

/**
 * The rule's outcome on the kernels of each test, or what went wrong. The tests are stages of one
 * graph, because their kernels are much the same and deciding what they are takes the longest.
 */
export function answerTests(
  ruleSet: RuleSet,
  rule: Rule,
  tests: readonly RuleTest[],
): readonly (RuleOutcome | string)[] {
  const facts = tests.map(factsOf);
  const made = tests.map(({ kernels }, index) => ({ kernels, stage: facts[index]!.stage }));
  const graph = buildTestGraphs(vocabularyFor(ruleSet, rule), made);
  const ran = graph.stages.values();
  const stages = tests.map(({ kernels }) => (kernels.length === 0 ? null : ran.next().value!));
  let table: ClassTable | null = null;
  return stages.map((stage, index) => {
    if (stage === null) return "nothing: the test has no kernels";
    table ??= decideClasses({ ...ruleSet, rules: [rule] }, graph);
    const alone = { ...graph, stages: [stage] };
    const { outcomes, failures } = runRulesOn([rule], table, alone, [facts[index]!]);
    return outcomes[0] ?? `an error: ${failures[0]?.message ?? "no answer"}`;
  });
}

function factsOf(test: RuleTest): StageFacts {
  const facts: Facts = Object.fromEntries(
    test.given.map(({ fact, value }) => [fact, { value, from: "given" }]),
  );
  const stage = STAGES.find((name) => name === facts.stage?.value) ?? ("all" satisfies StageName);
  return { stage, facts };
}

function describeExpectation(expect: TestExpectation): string {
  if (expect.match !== null)
    return `match ${expect.match}${expect.times === null ? "" : ` ${expect.times} times`}`;
  const guard = expect.guard === null ? "" : ` ${expect.guard}`;
  return `no match${expect.because === null ? "" : ` because ${expect.because}${guard}`}`;
}

function describeOutcome(outcome: RuleOutcome): string {
  const because = reasonOf(outcome);
  if (because === null) {
    const { active, partial, split } = outcome.counts;
    return `match ${outcome.state} (active ${active}, partial ${partial}, split ${split})`;
  }
  return `no match because ${because}${outcome.blockedBy === null ? "" : ` ${outcome.blockedBy}`}`;
}
