import { compareText } from "../../../base/compare-text.ts";
import type { Facts, StageFacts } from "../../../model/facts.ts";
import type { RuleOutcome } from "../../../model/finding.ts";
import type { NearMiss } from "../../../model/options.ts";
import type { Rule, RuleSet } from "../../../model/rule.ts";
import { shareText } from "../../../model/rule-text.ts";
import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import { checkGuards } from "../../match/verdicts/guards.ts";
import { explainRule, type PatternReading, type RuleReading } from "./explain-rule.ts";

/** Below this share of a rule's steps nothing came near. */
const LEAST_REACHED = 0.5;
/** The same where the next step is nowhere around: half of a pair alone is no pair. */
const LEAST_WITHOUT_NEXT = 0.6;

/**
 * Rules that found nothing but came close, nearest first, each with the clause that stopped it:
 * absent ones whose longest attempt had at least half the steps, small ones under their report
 * share, and those whose pieces are there but one guard is false.
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
      const least = `report share >= ${shareText(rule.reportShare)}`;
      return [miss(outcome, 1, `${rule.file}: ${least}, ${outcome.underlying} but smaller`)];
    }
    if (outcome.state !== "absent" && outcome.state !== "not-applicable") return [];
    const facts: Facts = factsByStage.find((it) => it.stage === outcome.stage)?.facts ?? {};
    // Explaining costs a run of its own; two false guards are far away without it.
    const no = checkGuards(rule, facts).answers.filter(({ truth }) => truth === "false");
    if (no.length > 1) return [];
    const explained = explainRule(ruleSet, rule, graph, stage, facts);
    return outcome.state === "absent"
      ? stoppedByPattern(outcome, explained)
      : stoppedByGuard(outcome, rule, explained);
  });
  return misses.sort(
    (a, b) => b.reached - a.reached || compareText(a.rule, b.rule) || compareText(a.stage, b.stage),
  );
}

function miss(outcome: RuleOutcome, reached: number, stoppedBy: string): NearMiss {
  return { rule: outcome.rule, stage: outcome.stage, reached, stoppedBy };
}

function stoppedByPattern(outcome: RuleOutcome, explained: RuleReading): NearMiss[] {
  const [best] = explained.patterns.flatMap(approaches).sort((a, b) => b.reached - a.reached);
  if (best === undefined) return [];
  const place = best.line === null ? explained.file : `${explained.file}:${best.line}`;
  return [miss(outcome, best.reached, `${place}: ${best.text}`)];
}

interface Approach {
  readonly reached: number;
  readonly text: string;
  readonly line: number | null;
}

/** How near a pattern came; nothing for a pattern of one step, which is there or not. */
function approaches(pattern: PatternReading): readonly Approach[] {
  const { steps, stops, repeat, found, counted, line } = pattern;
  if (found > counted) return [{ reached: 1, text: `repeat >= ${repeat.min}, saw ${found}`, line }];
  if (steps.length < 2) return [];
  return stops
    .map((stop) => ({
      // What failed at its last clause had all steps but not the whole.
      reached: Math.min(stop.reached, steps.length - 0.5) / steps.length,
      text: `${stop.wanted}, saw ${stop.saw}`,
      line: stop.line,
      least: stop.clause === "missing" ? LEAST_WITHOUT_NEXT : LEAST_REACHED,
    }))
    .filter(({ reached, least }) => reached >= least);
}

function stoppedByGuard(outcome: RuleOutcome, rule: Rule, explained: RuleReading): NearMiss[] {
  const guard = explained.guards.find(({ truth }) => truth === "false");
  const isThere = explained.patterns.some((it) => it.state !== "active" && it.counted > 0);
  if (guard === undefined || !isThere) return [];
  const place = guard.line === null ? rule.file : `${rule.file}:${guard.line}`;
  const saw = guard.fact === null ? "" : `, is ${guard.fact.value} (${guard.fact.from})`;
  const reached = 1 - 1 / (1 + explained.guards.length);
  return [miss(outcome, reached, `${place}: ${guard.text}${saw}`)];
}
