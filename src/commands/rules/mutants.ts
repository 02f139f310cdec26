import { replaced } from "../../engine/mutation/mutant.ts";
import { mutantsOf } from "../../engine/mutation/mutants.ts";
import { TestBench } from "../../engine/mutation/test-bench.ts";
import { type WorkMutant, workMutantsOf } from "../../engine/mutation/work-mutants.ts";
import type { Rule, RuleSet } from "../../model/rule.ts";
import type { WorkModel, WorkTest } from "../../model/work.ts";
import { runWorkTests, workAnswer } from "../../pipeline/work-tests.ts";
import type { MutationScore } from "./mutation-score.ts";

/** Scores every rule and work model: changes one thing at a time and asks which test notices. */
export function mutateRules(ruleSet: RuleSet): MutationScore[] {
  return [
    ...ruleSet.rules.map((rule) => mutateRule(ruleSet, rule)),
    ...ruleSet.works.map(mutateWork),
  ];
}

export function mutateRule(ruleSet: RuleSet, rule: Rule): MutationScore {
  const bench = new TestBench(ruleSet, rule);
  const mutants = mutantsOf(ruleSet, rule);
  const survivors = bench.survivors(mutants, rule.tests).map(({ change }) => change);
  return scoreOf(rule, mutants.length, survivors);
}

export function mutateWork(work: WorkModel): MutationScore {
  const mutants = toldMutants(work);
  const survivors = unnoticed(mutants).map(({ change }) => change);
  return scoreOf(work, mutants.length, survivors);
}

/** Mutants that pass every test of the model. */
export const unnoticedIn = (work: WorkModel): readonly WorkMutant[] => unnoticed(toldMutants(work));

const toldMutants = (work: WorkModel): readonly WorkMutant[] =>
  workMutantsOf(work).filter((mutant) => !isForReaders(work, mutant));

const unnoticed = (mutants: readonly WorkMutant[]): readonly WorkMutant[] =>
  mutants.filter(({ work }) => runWorkTests([work]).every(({ passed }) => passed));

function scoreOf(
  { id, file }: Pick<Rule, "id" | "file">,
  mutants: number,
  survivors: readonly string[],
): MutationScore {
  return { rule: id, file, mutants, killed: mutants - survivors.length, survivors };
}

/**
 * `where known(x)` beside figures that need x says for the reader what holds anyhow: then no call of
 * the tests with something missing tells the mutant from the model, and no test ever could.
 */
const isForReaders = (work: WorkModel, { work: changed, asksKnown }: WorkMutant): boolean =>
  asksKnown &&
  work.tests
    .flatMap(callsLackingOne)
    .every((call) => isSame(workAnswer(work, call), workAnswer(changed, call)));

type Answer = ReturnType<typeof workAnswer>;

const isSame = (a: Answer, b: Answer): boolean => a?.flops === b?.flops && a?.bytes === b?.bytes;

const NOT_RECORDED = { type: "", dims: null, list: null, strides: null, value: null };

function callsLackingOne(test: WorkTest): WorkTest[] {
  const { inputs, inner, outer, step } = test;
  return [
    ...inputs.map((_, index) => ({ ...test, inputs: replaced(inputs, index, NOT_RECORDED) })),
    ...inputs.map((_, index) => ({ ...test, inputs: inputs.slice(0, index) })),
    ...inner.map((_, index) => ({ ...test, inner: replaced(inner, index, null) })),
    ...outer.map((_, index) => ({ ...test, outer: replaced(outer, index, null) })),
    ...Object.keys(step).map((field) => ({ ...test, step: { ...step, [field]: undefined } })),
  ];
}
