import { mutantsOf } from "../../engine/mutation/mutants.ts";
import { TestBench } from "../../engine/mutation/test-bench.ts";
import type { Rule, RuleSet } from "../../model/rule.ts";

/** How well a rule's own tests pin it down. */
export interface MutationScore {
  readonly rule: string;
  readonly file: string;
  readonly mutants: number;
  /** Mutants that an embedded test tells from the rule. */
  readonly killed: number;
  /** Changes that no test shows: a test is missing, or the changed part does nothing. */
  readonly survivors: readonly string[];
}

/** Scores every rule: changes one thing at a time and asks which test notices. */
export function mutateRules(ruleSet: RuleSet): MutationScore[] {
  return ruleSet.rules.map((rule) => mutateRule(ruleSet, rule));
}

export function mutateRule(ruleSet: RuleSet, rule: Rule): MutationScore {
  const bench = new TestBench(ruleSet, rule);
  const mutants = mutantsOf(ruleSet, rule);
  const survivors = bench.survivors(mutants, rule.tests).map(({ change }) => change);
  const { id, file } = rule;
  const killed = mutants.length - survivors.length;
  return { rule: id, file, mutants: mutants.length, killed, survivors };
}

/** Share of changes to a rule that its own tests must notice. */
const LEAST_NOTICED = 0.9;

export const isWeak = ({ killed, mutants }: MutationScore): boolean =>
  killed < LEAST_NOTICED * mutants;
