import type { RuleFailure } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { type ClassTable, classesOfRule } from "./classes/class-table.ts";
import { assignLetters } from "./classes/letters.ts";
import { findOccurrences, type RuleOccurrences } from "./find-occurrences.ts";
import { layLanes } from "./lanes.ts";
import { lookUpLayers } from "./layer-lookup.ts";
import { anyOrderStarts } from "./patterns/any-order-starts.ts";
import { chainStarts } from "./patterns/chain-starts.ts";
import { type PatternPlan, planRule, type RulePlan } from "./rule-plan.ts";
import type { StageView } from "./stage-view.ts";

type RuleFindings = RuleOccurrences;

interface StageFindings {
  /** By rule id; a failed rule has no entry. */
  readonly findings: ReadonlyMap<string, RuleFindings>;
  readonly failures: RuleFailure[];
}

/** Runs the rules whose guards hold over one stage, each as if it were alone. */
export function findStage(
  rules: readonly Rule[],
  table: ClassTable,
  graph: KernelGraph,
  stage: StageGraph,
): StageFindings {
  const findings = new Map<string, RuleFindings>();
  const failures: RuleFailure[] = [];
  if (rules.length === 0) return { findings, failures };
  const fail = (rule: Rule, error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    failures.push({ rule: rule.id, stage: stage.stage, message });
  };

  const plans: RulePlan[] = [];
  for (const rule of rules) {
    try {
      plans.push(planRule(rule, table));
    } catch (error) {
      fail(rule, error);
    }
  }
  const view = viewStage(plans, table, graph, stage);
  const starts = findStarts(plans, view);
  const layers = lookUpLayers(graph, stage);
  for (const plan of plans) {
    try {
      const found = findOccurrences(plan, view, layers, (pattern) => starts.get(pattern) ?? []);
      findings.set(plan.rule.id, found);
    } catch (error) {
      fail(plan.rule, error);
    }
  }
  return { findings, failures };
}

/** The stage in the alphabet of these rules. */
export function viewStage(
  plans: readonly RulePlan[],
  table: ClassTable,
  graph: KernelGraph,
  stage: StageGraph,
): StageView {
  const live = plans.flatMap(({ rule }) => classesOfRule(rule)).map((id) => table.bitOf.get(id)!);
  const letters = assignLetters(table, new Set(live));
  const lanes = layLanes(graph, stage, letters);
  return { graph, stage, lanes, letters, takenBy: new Uint32Array(lanes.count), claim: 0, work: 0 };
}

/** Where matches of each chain and each unordered group may start, from one walk over all of them. */
function findStarts(
  plans: readonly RulePlan[],
  view: StageView,
): ReadonlyMap<PatternPlan, readonly number[]> {
  const patterns = plans.flatMap((plan) => plan.patterns);
  const chains = patterns.filter((pattern) => pattern.kind === "chain");
  const groups = patterns.filter((pattern) => pattern.kind === "any-order");
  const ofChain = chainStarts(
    chains.map((it) => it.plan),
    view,
  );
  const ofGroup = anyOrderStarts(
    groups.map((it) => it.plan),
    view,
  );
  return new Map<PatternPlan, readonly number[]>([
    ...chains.map((pattern, i) => [pattern, ofChain[i]!] as const),
    ...groups.map((pattern, i) => [pattern, ofGroup[i]!] as const),
  ]);
}
