import { compareText } from "../../../base/compare-text.ts";
import type { Fact, Facts } from "../../../model/facts.ts";
import type { Occurrence, RuleOutcome } from "../../../model/finding.ts";
import type { StageName } from "../../../model/framework.ts";
import type { Rule, RuleSet, StateName } from "../../../model/rule.ts";
import {
  className,
  conditionText,
  guardText,
  patternText,
  stepText,
} from "../../../model/rule-text.ts";
import type { KernelGraph, StageGraph } from "../../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../../model/trace/trace.ts";
import { decideClasses } from "../../match/classes/class-table.ts";
import { lookUpLayers } from "../../match/layer-lookup.ts";
import { viewStage } from "../../match/match-stage.ts";
import { stepsOfPattern } from "../../match/occurrence-parts.ts";
import { conditionTruth, fieldValue } from "../../match/patterns/conditions.ts";
import { type PatternPlan, planRule } from "../../match/rule-plan.ts";
import { runRules } from "../../match/run-rules.ts";
import { isIn, rowAt, type StageView } from "../../match/stage-view.ts";
import { checkGuards, type Truth } from "../../match/verdicts/guards.ts";
import { anyOrderAttempts } from "./any-order-attempts.ts";
import { chainAttempts } from "./chain-attempts.ts";
import { overlapAttempts } from "./overlap-attempts.ts";
import type { PatternExplainer } from "./pattern-explainer.ts";
import { type Attempt, groupAttempts, type Stop } from "./stops.ts";

/** How a rule reads one stage: what each clause answers, and how near the misses came. */
export interface RuleReading {
  readonly rule: string;
  readonly title: string;
  readonly file: string;
  readonly stage: StageName;
  readonly guards: readonly GuardReading[];
  /** The rule's own answer, other rules left out; null when it could not run (see `failure`). */
  readonly outcome: RuleOutcome | null;
  readonly failure: string | null;
  /** As written. Where a guard is false they say what the rule would see if it held. */
  readonly patterns: readonly PatternReading[];
}

export interface GuardReading {
  readonly text: string;
  readonly line: number | null;
  readonly truth: Truth;
  /** The fact it asks about, null when unknown. */
  readonly fact: Fact | null;
}

export interface PatternReading {
  readonly state: StateName;
  readonly line: number | null;
  /** The pattern in the words of the language. */
  readonly text: string;
  readonly where: readonly string[];
  readonly repeat: { readonly min: number };
  readonly steps: readonly StepReading[];
  /** Occurrences found, whether `repeat` counts them or not, and those it counts. */
  readonly found: number;
  readonly counted: number;
  /** Of the others, those left out because their kernels are another project's own. */
  readonly foreign: number;
  /** What stopped the others, farthest first. */
  readonly stops: readonly Stop[];
}

interface StepReading {
  /** What the rule calls it: its capture, else its class. */
  readonly name: string;
  readonly text: string;
  readonly line: number | null;
  /** Kernels of the step's class in this stage. */
  readonly kernels: number;
  /** The most frequent of them. */
  readonly names: readonly { readonly name: string; readonly launches: number }[];
}

/** Stops told per pattern, and kernel names per step. */
const MOST_STOPS = 4;
const MOST_NAMES = 3;

export function explainRule(
  ruleSet: RuleSet,
  rule: Rule,
  graph: KernelGraph,
  stage: StageGraph,
  facts: Facts,
): RuleReading {
  const alone = { ...ruleSet, rules: [{ ...rule, subsumes: [], conflicts: [] }] };
  const oneStage = { ...graph, stages: [stage] };
  const own = runRules(alone, oneStage, [{ stage: stage.stage, facts }]);
  const failure = own.failures[0]?.message ?? null;
  return {
    rule: rule.id,
    title: rule.title,
    file: rule.file,
    stage: stage.stage,
    guards: checkGuards(rule, facts).answers.map(({ guard, truth }) => ({
      text: guardText(guard),
      line: guard.line ?? null,
      truth,
      fact: facts[guard.fact] ?? null,
    })),
    outcome: own.outcomes[0] ?? null,
    failure,
    patterns: failure === null ? explainPatterns(alone, rule, oneStage, stage, facts) : [],
  };
}

function explainPatterns(
  ruleSet: RuleSet,
  rule: Rule,
  graph: KernelGraph,
  stage: StageGraph,
  facts: Facts,
): readonly PatternReading[] {
  const occurrencesOf = (one: Rule): readonly Occurrence[] => {
    const alone = { ...ruleSet, rules: [{ ...one, guards: [], subsumes: [], conflicts: [] }] };
    const { outcomes } = runRules(alone, graph, [{ stage: stage.stage, facts }]);
    return outcomes.flatMap(({ occurrences }) => occurrences);
  };
  const counted = occurrencesOf(rule);
  const anyNumber = rule.states.map((it) => ({ ...it, repeat: { ...it.repeat, min: 1 } }));
  const found = occurrencesOf({ ...rule, states: anyNumber });
  // A rule without a source claims no project.
  const whosever = occurrencesOf({ ...rule, states: anyNumber, sources: [] });

  const table = decideClasses(ruleSet, graph);
  const plan = planRule(rule, table);
  const view = viewStage([plan], table, graph, stage);
  const held = new Set(found.flatMap(({ rows }) => rows.flat()));
  const classNameOf = (bit: number): string => ruleSet.classes[table.ids[bit]!]!.name;
  const brokenCondition = conditionReader(view, stage);
  return plan.patterns
    .toSorted((a, b) => a.index - b.index)
    .map((pattern) => {
      const { source } = pattern;
      const inPattern = (of: readonly Occurrence[]) =>
        of.filter((it) => it.pattern === pattern.index).length;
      const explainer: PatternExplainer<PatternPlan["kind"]> = {
        ruleSet,
        view,
        pattern,
        isHeld: (position) => held.has(rowAt(view, position)),
        nameOf: (position) => kernelNameAt(graph.trace, rowAt(view, position)).short,
        classNameOf,
        brokenCondition: (steps) => brokenCondition(pattern, steps),
      };
      return {
        state: source.state,
        line: source.line ?? null,
        text: patternText(ruleSet, source.pattern),
        where: source.where.map(conditionText),
        repeat: source.repeat,
        steps: explainSteps(ruleSet, pattern, view),
        found: inPattern(found),
        counted: inPattern(counted),
        foreign: inPattern(whosever) - inPattern(found),
        stops: groupAttempts(attemptsOf(explainer), MOST_STOPS),
      };
    });
}

function attemptsOf(explainer: PatternExplainer<PatternPlan["kind"]>): Iterable<Attempt> {
  switch (explainer.pattern.kind) {
    case "chain":
      return chainAttempts(explainer as PatternExplainer<"chain">);
    case "any-order":
      return anyOrderAttempts(explainer as PatternExplainer<"any-order">);
    case "overlap":
      return overlapAttempts(explainer as PatternExplainer<"overlap">);
  }
}

function explainSteps(
  ruleSet: RuleSet,
  pattern: PatternPlan,
  view: StageView,
): readonly StepReading[] {
  const bits =
    pattern.kind === "overlap"
      ? [pattern.plan.first.bit, pattern.plan.second.bit]
      : pattern.plan.steps.map(({ bit }) => bit);
  return stepsOfPattern(pattern.source.pattern).map((step, index) => {
    const launches = new Map<string, number>();
    let kernels = 0;
    for (let position = 0; position < view.lanes.count; position++) {
      if (!isIn(view, position, bits[index]!)) continue;
      kernels++;
      const name = kernelNameAt(view.graph.trace, rowAt(view, position)).short;
      launches.set(name, (launches.get(name) ?? 0) + 1);
    }
    const names = [...launches].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
    return {
      name: step.capture ?? className(ruleSet, step.class),
      text: stepText(ruleSet, step),
      line: step.line ?? null,
      kernels,
      names: names.slice(0, MOST_NAMES).map(([name, count]) => ({ name, launches: count })),
    };
  });
}

function conditionReader(view: StageView, stage: StageGraph) {
  const layers = lookUpLayers(view.graph, stage);
  return (pattern: PatternPlan, steps: readonly (readonly number[])[]): number =>
    pattern.conditions.findIndex(
      (condition) =>
        conditionTruth(
          condition,
          (step) => steps[step]!.map((position) => rowAt(view, position)),
          (row, field) => fieldValue(view.graph, layers, row, field),
        ) === "false",
    );
}
