import type { Rule, StateName, StatePattern } from "../../model/rule.ts";
import type { ClassTable } from "./classes/class-table.ts";
import type { AnyOrderPlan } from "./patterns/any-order.ts";
import { type ChainPlan, planChain, planSteps } from "./patterns/chain-plan.ts";
import { type PlanCondition, planConditions } from "./patterns/conditions.ts";
import type { OverlapPlan } from "./patterns/overlap.ts";

/** One state pattern ready to run. `index` is its place in `Rule.states`. */
export type PatternPlan = {
  readonly index: number;
  readonly source: StatePattern;
  readonly conditions: readonly PlanCondition[];
} & (
  | { readonly kind: "chain"; readonly plan: ChainPlan }
  | { readonly kind: "any-order"; readonly plan: AnyOrderPlan }
  | { readonly kind: "overlap"; readonly plan: OverlapPlan }
);

export interface RulePlan {
  readonly rule: Rule;
  /** In the order in which they may claim kernels: active, partial, split; within a state as written. */
  readonly patterns: readonly PatternPlan[];
}

const STATE_ORDER: readonly StateName[] = ["active", "partial", "split"];

/** @throws Error when the rule cannot run: a class that does not exist, a capture nobody makes. */
export function planRule(rule: Rule, table: ClassTable): RulePlan {
  const bitOf = (classId: number): number => {
    const bit = table.bitOf.get(classId);
    if (bit === undefined) throw new Error(`class ${classId} does not exist`);
    return bit;
  };
  const plans = rule.states.map((state, index) => planPattern(state, index, bitOf));
  const rank = (plan: PatternPlan): number => STATE_ORDER.indexOf(plan.source.state);
  return { rule, patterns: plans.sort((a, b) => rank(a) - rank(b) || a.index - b.index) };
}

function planPattern(
  source: StatePattern,
  index: number,
  bitOf: (classId: number) => number,
): PatternPlan {
  const { pattern } = source;
  const steps = pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
  const common = { index, source, conditions: planConditions(source.where, steps) };
  const planned = planSteps(steps, bitOf);
  switch (pattern.kind) {
    case "chain":
      return { ...common, kind: "chain", plan: planChain(pattern, bitOf) };
    case "any-order":
      return { ...common, kind: "any-order", plan: { steps: planned, within: pattern.within } };
    case "overlap":
      return {
        ...common,
        kind: "overlap",
        plan: { first: planned[0]!, second: planned[1]!, minShare: pattern.minShare },
      };
  }
}
