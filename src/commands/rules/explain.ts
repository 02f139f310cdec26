import { explainRule, type RuleExplanation } from "../../engine/match/explain.ts";
import { printExplanation } from "../../engine/match/explain-text.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { Rule } from "../../model/rule.ts";
import { openMappings } from "../../pipeline/mappings.ts";
import { loadRuleBase, type RuleBase } from "../../pipeline/rule-base.ts";
import { openRuns } from "../../pipeline/runs.ts";
import { traceFindings } from "../../pipeline/trace-findings.ts";

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
  const base = await loadRuleBase(options.rulesPath);
  const rule = find(base);
  const ruleSet = { ...base.ruleSet, rules: [rule] };
  const mappings = openMappings(ruleSet, options);
  const explanations: TraceExplanation[] = [];
  for (const run of await openRuns([...options.inputs, ...options.formal], options))
    for (const file of run.files) {
      const found = await traceFindings(
        file,
        run.selection,
        { ...base, ruleSet },
        mappings,
        options,
      );
      for (const stage of found.graph.stages) {
        if (options.stage !== null && options.stage !== stage.stage) continue;
        const facts = found.facts.find((one) => one.stage === stage.stage)?.facts ?? {};
        const explanation = explainRule(ruleSet, rule, found.graph, stage, facts);
        const text = printExplanation(explanation, found.graph);
        explanations.push({ path: file.path, explanation, text });
      }
    }
  return explanations;
}
