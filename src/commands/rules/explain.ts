import { explainRule, type RuleExplanation } from "../../engine/explain/rule/explain-rule.ts";
import { printExplanation } from "../../engine/explain/rule/explanation-text.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { Rule } from "../../model/rule.ts";
import { allFindings, openInputs } from "../../pipeline/inputs/index.ts";
import type { RuleBase } from "../../pipeline/inputs/rule-base.ts";

export interface TraceExplanation {
  /** The trace file explained on. */
  readonly path: string;
  readonly explanation: RuleExplanation;
  /** The same for people, several lines. */
  readonly text: string;
}

/**
 * Why a rule answers what it answers on traces, one explanation per trace file and stage: the same
 * reading, locating and matching as for a report, with this rule alone.
 *
 * @param find picks the rule from those that loaded, or throws.
 * @throws {TriageError} for traces or rules that cannot be used.
 */
export async function explainOnTraces(
  find: (rules: RuleBase) => Rule,
  options: AnalyzeOptions,
): Promise<TraceExplanation[]> {
  const inputs = await openInputs(options, (rules) => {
    return { ...rules, ruleSet: { ...rules.ruleSet, rules: [find(rules)] } };
  });
  const { ruleSet } = inputs.rules;
  const rule = ruleSet.rules[0]!;
  const explanations: TraceExplanation[] = [];
  for await (const { file, graph, facts: factsByStage } of allFindings(inputs))
    for (const stage of graph.stages) {
      if (options.stage !== null && options.stage !== stage.stage) continue;
      const facts = factsByStage.find((one) => one.stage === stage.stage)?.facts ?? {};
      const explanation = explainRule(ruleSet, rule, graph, stage, facts);
      const text = printExplanation(explanation, graph);
      explanations.push({ path: file.path, explanation, text });
    }
  return explanations;
}
