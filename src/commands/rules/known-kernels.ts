import { stepsOf } from "../../dsl/checks/proofs/pattern-relations.ts";
import { fieldsOfSymbols } from "../../engine/match/classes/kernel-fields.ts";
import { buildTestGraph } from "../../engine/rule-tests/test-graph.ts";
import { decisionsOf } from "../../model/classes/class-decisions.ts";
import type { ClassId, Rule, RuleSet } from "../../model/rule.ts";
import type { CategoryFrom } from "../../model/trace/kernel-graph.ts";

/** What the vocabulary says of a kernel by its name alone, and which classes hold it. */
interface KnownKernel {
  readonly category: string;
  /** Null: nothing tells it. */
  readonly categoryFrom: CategoryFrom | null;
  isIn(classes: readonly ClassId[]): boolean;
}

/** Asks the rules about names as a profiler prints them, each as if it ran alone. */
export function knownKernels(ruleSet: RuleSet, names: readonly string[]): readonly KnownKernel[] {
  const kernels = names.map((name, index) => ({
    ...{ stream: `${index}`, name, start: index, duration: 1 },
    ...{ op: null, scope: null, frame: null, layer: -1 },
  }));
  const graph = buildTestGraph(ruleSet, kernels, "all");
  const fields = fieldsOfSymbols(graph);
  const decisions = decisionsOf(ruleSet);
  return names.map((_, row) => {
    const symbol = graph.symbolOf[row]!;
    const { category, categoryFrom } = graph.symbols[symbol]!;
    const isIn = (classes: readonly ClassId[]): boolean =>
      classes.some((id) => decisions.matches(id, fields[symbol]!));
    return { category, categoryFrom, isIn };
  });
}

/** Classes of what a rule is glad to see: of a fusion not those of the kernels that it would replace. */
export const lookedFor = ({ kind, states }: Rule): readonly ClassId[] =>
  states
    .filter(({ state }) => kind === "overlap" || state !== "split")
    .flatMap(({ pattern }) => stepsOf(pattern).map((step) => step.class));
