import { explainAction } from "../engine/explain/explain-action.ts";
import { type ExplainInput, explainKernel } from "../engine/explain/explain-kernel.ts";
import { explainRuleRow } from "../engine/explain/explain-rule-row.ts";
import { resolveRow } from "../engine/explain/resolve-row.ts";
import {
  EXPLANATION_VERSION,
  type KernelExplanation,
  type RowExplanation,
  type RuleRowExplanation,
} from "../model/contracts/row-explanation.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import { classText } from "../model/rule-text.ts";
import type { KernelName } from "../model/trace/trace.ts";
import { allFindings, openInputs } from "../pipeline/inputs/index.ts";
import type { RuleBase } from "../pipeline/inputs/rule-base.ts";
import type { TraceFindings } from "../pipeline/trace-findings.ts";

/**
 * Everything behind one row of a report: the traces are read, located and matched as for the
 * report, then the row is looked up by what the user calls it.
 *
 * @param row an action's id, a rule's id, a kernel's name in any spelling, or a part that only one
 *   of them has.
 * @param limit occurrences of a rule, or launches of an action, listed per stage.
 * @param open how rules and paths are opened
 * @throws {TriageError} as `analyze`, and `row/ambiguous`, `row/unknown`, `row/no-stage` (exit 2)
 */
export async function explainRow(
  row: string,
  limit: number,
  options: AnalyzeOptions,
  open = openInputs,
): Promise<RowExplanation> {
  const inputs = await open(options);
  const { rules } = inputs;
  const found: TraceFindings[] = [];
  for await (const one of allFindings(inputs)) found.push(one);
  const stages = found.flatMap((one) => stageInputs(one, rules, options));
  if (stages.length === 0) throw noStage(found, options);
  const proofs = stages.flatMap(({ input, path, actions }) =>
    actions
      .filter(({ action }) => action.stage === input.stage.stage && action.id === row)
      .map((ranked) => explainAction(path, input.graph, input.report, ranked, limit)),
  );
  const answer = { schemaVersion: EXPLANATION_VERSION, row } as const;
  if (proofs.length > 0) return { ...answer, kernels: [], rules: [], actions: proofs };
  const subject = resolveRow(
    row,
    rules.ruleSet.rules.map(({ id }) => id),
    stages.flatMap(({ input }) => namesIn(input)),
  );
  const kernels: KernelExplanation[] = [];
  const ruleRows: RuleRowExplanation[] = [];
  for (const { input, facts } of stages) {
    if (subject.kind === "kernel") {
      const explained = explainKernel(input, subject.name);
      if (explained !== null) kernels.push(explained);
    } else {
      const rule = rules.ruleSet.rules.find(({ id }) => id === subject.id)!;
      ruleRows.push(explainRuleRow(input, rule, facts, limit));
    }
  }
  return { ...answer, kernels, rules: ruleRows, actions: [] };
}

function noStage(found: readonly TraceFindings[], { stage }: AnalyzeOptions): TriageError {
  const stages = found.flatMap(({ graph }) => graph.stages.map((one) => one.stage));
  return new TriageError({
    code: "row/no-stage",
    exit: EXIT.usage,
    message: `The trace has no stage ${stage}.`,
    place: found[0]?.file.path ?? null,
    hint: `It has ${[...new Set(stages)].join(", ")}.`,
  });
}

function stageInputs(
  { file, graph, stages, outcomes, actions, facts, decision, limits }: TraceFindings,
  { ruleSet }: RuleBase,
  { stage: wanted }: AnalyzeOptions,
) {
  return graph.stages
    .filter(({ stage }) => wanted === null || stage === wanted)
    .map((stage) => ({
      path: file.path,
      actions,
      input: {
        ruleSet,
        graph,
        stage,
        report: stages.find((one) => one.stage === stage.stage)!,
        outcomes,
        profile: decision.profile,
        limits,
        actions: actions.map(({ action }) => action),
        describe: (expr) => classText(ruleSet, expr),
      } satisfies ExplainInput as ExplainInput,
      facts: facts.find((one) => one.stage === stage.stage)?.facts ?? {},
    }));
}

function namesIn({ graph, stage }: ExplainInput): KernelName[] {
  const { gpu, kernelNames } = graph.trace;
  const used = new Set<number>();
  for (const row of stage.events) used.add(gpu.name[row]!);
  return [...used].map((name) => kernelNames[name]!);
}
