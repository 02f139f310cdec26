import type { Vocabulary } from "../../engine/attribution/symbols.ts";
import { type ClassTable, decideClasses } from "../../engine/match/classes/class-table.ts";
import { runRulesOn } from "../../engine/match/run-rules.ts";
import type { Mutant } from "../../engine/mutation/mutant.ts";
import { mutantsOf } from "../../engine/mutation/mutants.ts";
import { type Probe, probesOf } from "../../engine/mutation/probes.ts";
import { buildTestGraph } from "../../engine/rule-tests/test-graph.ts";
import { vocabularyFor } from "../../engine/rule-tests/vocabulary-use.ts";
import type { Facts, StageFacts } from "../../model/facts.ts";
import { STAGES } from "../../model/framework.ts";
import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { Rule, RuleSet, RuleTest, TestKernel } from "../../model/rule.ts";
import { meetsExpectation } from "../../pipeline/rule-tests.ts";

/** How well a rule's tests pin it down. */
export interface MutationScore {
  readonly rule: string;
  readonly file: string;
  readonly mutants: number;
  /** Mutants that an embedded test tells from the rule. */
  readonly killedByTests: number;
  /** Further mutants that differ on a probe derived from those tests. */
  readonly killedByProbes: number;
  /** Changes that neither shows: a test is missing, or the changed part does nothing. */
  readonly survivors: readonly string[];
}

/** What a rule answers to one derived probe; frozen, these show every change of its behaviour. */
interface ProbeAnswer {
  readonly test: string;
  readonly probe: string;
  /** "split (active 0, partial 0, split 3; 6 kernels)", "not-applicable (guard tp)". */
  readonly answer: string;
}

/** Scores every rule: changes one thing at a time and asks who notices. */
export function mutateRules(ruleSet: RuleSet): MutationScore[] {
  return ruleSet.rules.map((rule) => mutateRule(ruleSet, rule));
}

export function mutateRule(ruleSet: RuleSet, rule: Rule): MutationScore {
  const vocabulary = vocabularyFor(ruleSet, rule);
  const stages = new Map<string, Staged>();
  const tests = rule.tests
    .filter(({ kernels }) => kernels.length > 0)
    .map((test) => ({ test, staged: stageOf(vocabulary, test, stages) }));
  for (const { staged } of tests) tableFor(ruleSet, rule, staged);
  const probes = distinctProbes(ruleSet, rule).map((probe) => {
    const staged = stageOf(vocabulary, probe, stages);
    return { staged, answer: answerTo(ruleSet, rule, staged) };
  });
  const survivors: string[] = [];
  let killedByTests = 0;
  let killedByProbes = 0;
  const mutants = mutantsOf(ruleSet, rule);
  for (const mutant of mutants) {
    const changed = { ...ruleSet, classes: mutant.classes };
    if (tests.some(({ test, staged }) => !passes(changed, mutant, test, staged))) killedByTests++;
    else if (probes.some((it) => answerTo(changed, mutant.rule, it.staged) !== it.answer))
      killedByProbes++;
    else survivors.push(mutant.change);
  }
  const { id, file } = rule;
  return { rule: id, file, mutants: mutants.length, killedByTests, killedByProbes, survivors };
}

/** The rule's answers at its own borders, in a fixed order. */
export function probeAnswers(ruleSet: RuleSet, rule: Rule): ProbeAnswer[] {
  const vocabulary = vocabularyFor(ruleSet, rule);
  const stages = new Map<string, Staged>();
  return distinctProbes(ruleSet, rule).map((probe) => ({
    test: probe.from,
    probe: probe.change,
    answer: answerTo(ruleSet, rule, stageOf(vocabulary, probe, stages)),
  }));
}

/** Probes with kernels, each question asked once. */
function distinctProbes(ruleSet: RuleSet, rule: Rule): readonly Probe[] {
  const seen = new Set<string>();
  return probesOf(ruleSet, rule).filter(({ given, kernels }) => {
    const question = JSON.stringify([given, kernels]);
    const isNew = kernels.length > 0 && !seen.has(question);
    seen.add(question);
    return isNew;
  });
}

/** Kernels as a graph, with the facts that hold. */
interface Staged {
  readonly graph: KernelGraph;
  readonly facts: StageFacts;
  /** Decided classes by list of classes; the first rule asked decides all that its mutants need. */
  readonly tables: Map<RuleSet["classes"], ClassTable>;
}

/** Graphs depend on kernels and stage only, so probes that change facts share theirs. */
function stageOf(
  vocabulary: Vocabulary,
  { given, kernels }: Pick<Probe | RuleTest, "given" | "kernels">,
  known: Map<string, Staged>,
): Staged {
  const facts: Facts = Object.fromEntries(
    given.map(({ fact, value }) => [fact, { value, from: "given" }]),
  );
  const stage = STAGES.find((name) => name === facts.stage?.value) ?? "all";
  const key = `${stage} ${keyOf(kernels)}`;
  const same = known.get(key);
  const graph = same?.graph ?? buildTestGraph(vocabulary, kernels, stage);
  const tables = same?.tables ?? new Map<RuleSet["classes"], ClassTable>();
  const staged = { graph, facts: { stage, facts }, tables };
  known.set(key, staged);
  return staged;
}

function keyOf(kernels: readonly TestKernel[]): string {
  return JSON.stringify(kernels);
}

function passes(ruleSet: RuleSet, mutant: Mutant, test: RuleTest, staged: Staged): boolean {
  const outcome = outcomeOf(ruleSet, mutant.rule, staged);
  return outcome !== undefined && meetsExpectation(outcome, test.expect);
}

function answerTo(ruleSet: RuleSet, rule: Rule, staged: Staged): string {
  const outcome = outcomeOf(ruleSet, rule, staged);
  if (outcome === undefined) return "error";
  const { state, blockedBy, counts, assuming, occurrences } = outcome;
  if (blockedBy !== null) return `not-applicable (guard ${blockedBy})`;
  const kernels = occurrences.reduce((sum, { rows }) => sum + rows.flat().length, 0);
  const list = `active ${counts.active}, partial ${counts.partial}, split ${counts.split}`;
  const assumed = assuming.length === 0 ? "" : ` assuming ${assuming.join(", ")}`;
  return `${state} (${list}; ${kernels} kernels)${assumed}`;
}

function outcomeOf(ruleSet: RuleSet, rule: Rule, staged: Staged) {
  const table = tableFor(ruleSet, rule, staged);
  return runRulesOn([rule], table, staged.graph, [staged.facts]).outcomes[0];
}

/** Most mutants keep the rule's classes, so a graph's are decided once for all of them. */
function tableFor(ruleSet: RuleSet, rule: Rule, staged: Staged): ClassTable {
  const known = staged.tables.get(ruleSet.classes);
  if (known !== undefined) return known;
  const table = decideClasses({ ...ruleSet, rules: [rule] }, staged.graph);
  staged.tables.set(ruleSet.classes, table);
  return table;
}
