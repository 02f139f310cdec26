import { explainRule } from "../../engine/explain/rule/explain-rule.ts";
import { ruleInStage } from "../../engine/explain/rule/rule-in-stage.ts";
import {
  RULE_EXPLANATION_VERSION,
  type RuleExplanation,
  type RuleInStage,
} from "../../model/contracts/rule-explanation.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { Rule } from "../../model/rule.ts";
import { allFindings, openInputs } from "../../pipeline/inputs/index.ts";
import type { RuleBase } from "../../pipeline/inputs/rule-base.ts";

/**
 * Why a rule answers what it answers on traces, one answer per trace file and stage: the same
 * reading, locating and matching as for a report, with this rule alone.
 *
 * @param find picks the rule from those that loaded, or throws.
 * @throws {TriageError} for traces or rules that cannot be used.
 */
export async function explainOnTraces(
  find: (rules: RuleBase) => Rule,
  options: AnalyzeOptions,
): Promise<RuleExplanation> {
  const inputs = await openInputs(options, (rules) => {
    return { ...rules, ruleSet: { ...rules.ruleSet, rules: [find(rules)] } };
  });
  const { ruleSet } = inputs.rules;
  const rule = ruleSet.rules[0]!;
  const stages: RuleInStage[] = [];
  for await (const { graph, facts: factsByStage } of allFindings(inputs))
    for (const stage of graph.stages) {
      if (options.stage !== null && options.stage !== stage.stage) continue;
      const facts = factsByStage.find((one) => one.stage === stage.stage)?.facts ?? {};
      stages.push(ruleInStage(explainRule(ruleSet, rule, graph, stage, facts), graph));
    }
  const { id, title, file } = rule;
  return { schemaVersion: RULE_EXPLANATION_VERSION, rule: id, title, file, stages };
}
