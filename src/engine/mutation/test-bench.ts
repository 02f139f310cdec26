import type { Facts, StageFacts } from "../../model/facts.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import { STAGES } from "../../model/framework.ts";
import type { ClassId, Rule, RuleSet, RuleTest } from "../../model/rule.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import type { Vocabulary } from "../attribution/symbols.ts";
import { type ClassTable, decideClasses } from "../match/classes/class-table.ts";
import { runRulesOn } from "../match/run-rules.ts";
import { meetsExpectation } from "../rule-tests/expectation.ts";
import { buildTestGraph } from "../rule-tests/test-graph.ts";
import { vocabularyFor } from "../rule-tests/vocabulary-use.ts";
import type { Mutant } from "./mutant.ts";

/** Kernels as a graph, with the facts that hold. */
interface Staged {
  readonly graph: KernelGraph;
  readonly facts: StageFacts;
  /** Decided classes by list of classes; the first rule asked decides all that its mutants need. */
  readonly tables: Map<RuleSet["classes"], ClassTable>;
}

/** Runs one rule and its mutants over tests; what they share is made once. */
export class TestBench {
  readonly #ruleSet: RuleSet;
  readonly #rule: Rule;
  readonly #vocabulary: Vocabulary;
  /** Graphs depend on kernels and stage only, so tests that change facts share theirs. */
  readonly #graphs = new Map<string, Pick<Staged, "graph" | "tables">>();
  readonly #staged = new Map<RuleTest, Staged>();

  constructor(ruleSet: RuleSet, rule: Rule) {
    this.#ruleSet = ruleSet;
    this.#rule = rule;
    this.#vocabulary = vocabularyFor(ruleSet, rule);
  }

  /** Mutants that pass every test. */
  survivors(mutants: readonly Mutant[], tests: readonly RuleTest[]): readonly Mutant[] {
    return mutants.filter((mutant) => !tests.some((test) => this.notices(test, mutant)));
  }

  /** Whether the test fails on the mutant. */
  notices(test: RuleTest, mutant: Mutant): boolean {
    if (test.kernels.length === 0) return false;
    const changed = { ...this.#ruleSet, classes: mutant.classes };
    const outcome = this.#outcome(changed, mutant.rule, this.#stage(test));
    return outcome === undefined || !meetsExpectation(outcome, test.expect);
  }

  /** What the rule itself answers; undefined where it has nothing to look at, or fails. */
  answer(test: Pick<RuleTest, "given" | "kernels">): RuleOutcome | undefined {
    if (test.kernels.length === 0) return undefined;
    return this.#outcome(this.#ruleSet, this.#rule, this.#stageOf(test));
  }

  /** Classes of the rule that hold for each kernel of a test, kernels in order of time. */
  classesOf(test: Pick<RuleTest, "given" | "kernels">): readonly ReadonlySet<ClassId>[] {
    const staged = this.#stageOf(test);
    const { ids, words, bits } = this.#table(this.#ruleSet, this.#rule, staged);
    return Array.from({ length: staged.graph.trace.gpu.count }, (_, row) => {
      const first = staged.graph.symbolOf[row]! * words;
      return new Set(ids.filter((_, bit) => (bits[first + (bit >> 5)]! >>> (bit & 31)) & 1));
    });
  }

  #stage(test: RuleTest): Staged {
    let staged = this.#staged.get(test);
    if (staged === undefined) {
      staged = this.#stageOf(test);
      // The rule's own classes first: most mutants keep them.
      this.#table(this.#ruleSet, this.#rule, staged);
      this.#staged.set(test, staged);
    }
    return staged;
  }

  #stageOf({ given, kernels }: Pick<RuleTest, "given" | "kernels">): Staged {
    const facts: Facts = Object.fromEntries(
      given.map(({ fact, value }) => [fact, { value, from: "given" }]),
    );
    const stage = STAGES.find((name) => name === facts.stage?.value) ?? "all";
    const key = `${stage} ${JSON.stringify(kernels)}`;
    let same = this.#graphs.get(key);
    if (same === undefined) {
      same = { graph: buildTestGraph(this.#vocabulary, kernels, stage), tables: new Map() };
      this.#graphs.set(key, same);
    }
    return { ...same, facts: { stage, facts } };
  }

  #outcome(ruleSet: RuleSet, rule: Rule, staged: Staged): RuleOutcome | undefined {
    const table = this.#table(ruleSet, rule, staged);
    return runRulesOn([rule], table, staged.graph, [staged.facts]).outcomes[0];
  }

  #table(ruleSet: RuleSet, rule: Rule, staged: Staged): ClassTable {
    const known = staged.tables.get(ruleSet.classes);
    if (known !== undefined) return known;
    const table = decideClasses({ ...ruleSet, rules: [rule] }, staged.graph);
    staged.tables.set(ruleSet.classes, table);
    return table;
  }
}
