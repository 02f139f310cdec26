import type { Facts, StageFacts } from "../../model/facts.ts";
import type { RuleOutcome } from "../../model/finding.ts";
import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { NearMiss } from "../../model/options.ts";
import type { Rule, RuleSet } from "../../model/rule.ts";
import { explainRule, type RuleExplanation } from "./explain.ts";

/** Below this share of a rule's steps nothing came near. */
const LEAST_REACHED = 0.5;

/**
 * Rules that found nothing but came close, nearest first, each with the clause that stopped it:
 * absent ones whose longest attempt had at least half the steps, small ones under their report
 * share, and those that one false guard kept from an answer they would have had.
 */
export function nearMisses(
  ruleSet: RuleSet,
  graph: KernelGraph,
  factsByStage: readonly StageFacts[],
  outcomes: readonly RuleOutcome[],
): readonly NearMiss[] {
  const rules = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  const misses = outcomes.flatMap((outcome): NearMiss[] => {
    const rule = rules.get(outcome.rule);
    const stage = graph.stages.find((candidate) => candidate.stage === outcome.stage);
    if (rule === undefined || stage === undefined || rule.status === "deprecated") return [];
    if (outcome.state === "below-threshold") {
      const least = `report share >= ${100 * rule.reportShare}%`;
      return [miss(outcome, 1, `${rule.file}: ${least}, ${outcome.underlying} but smaller`)];
    }
    if (outcome.state !== "absent" && outcome.state !== "not-applicable") return [];
    const facts: Facts = factsByStage.find((it) => it.stage === outcome.stage)?.facts ?? {};
    const explained = explainRule(ruleSet, rule, graph, stage, facts);
    return outcome.state === "absent"
      ? stoppedByPattern(outcome, explained)
      : stoppedByGuard(outcome, rule, explained);
  });
  return misses.sort(
    (a, b) =>
      b.reached - a.reached ||
      (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.stage < b.stage ? -1 : 1),
  );
}

function miss(outcome: RuleOutcome, reached: number, stoppedBy: string): NearMiss {
  return { rule: outcome.rule, stage: outcome.stage, reached, stoppedBy };
}

function stoppedByPattern(outcome: RuleOutcome, explained: RuleExplanation): NearMiss[] {
  const best = explained.patterns
    .flatMap((pattern) => {
      const few = {
        pattern,
        reached: 1,
        text: `repeat >= ${pattern.repeat.min}, saw ${pattern.found}`,
      };
      if (pattern.found > pattern.counted) return [{ ...few, line: pattern.line }];
      // A pattern of one step is there or not: there is no almost.
      return pattern.steps.length < 2
        ? []
        : pattern.stops.map((stop) => ({
            pattern,
            reached: Math.min(stop.reached, pattern.steps.length - 0.5) / pattern.steps.length,
            text: `${stop.wanted}, saw ${stop.saw}`,
            line: stop.line,
          }));
    })
    .sort((a, b) => b.reached - a.reached)[0];
  if (best === undefined || best.reached < LEAST_REACHED) return [];
  const place = best.line === null ? explained.file : `${explained.file}:${best.line}`;
  return [miss(outcome, best.reached, `${place}: ${best.text}`)];
}

function stoppedByGuard(outcome: RuleOutcome, rule: Rule, explained: RuleExplanation): NearMiss[] {
  const isFalse = explained.guards.filter(({ truth }) => truth === "false");
  const [guard] = isFalse;
  const isThere = explained.patterns.some(({ counted }) => counted > 0);
  if (guard === undefined || isFalse.length > 1 || !isThere) return [];
  const place = guard.line === null ? rule.file : `${rule.file}:${guard.line}`;
  const saw = guard.fact === null ? "" : `, is ${guard.fact.value} (${guard.fact.from})`;
  const reached = 1 - 1 / (1 + explained.guards.length);
  return [miss(outcome, reached, `${place}: ${guard.text}${saw}`)];
}
