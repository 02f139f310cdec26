import { Engine, type RuleProperties } from "json-rules-engine";
import { compareText } from "../../base/compare-text.ts";
import type { Policy, PolicyConditions, PolicyEvent, PolicyFacts } from "./policy.ts";

/** Priority of a policy rule that names none. */
const DEFAULT_PRIORITY = 1;

/** A rule of the policy that held for a row. */
export interface Decision extends PolicyEvent {
  readonly name: string;
  readonly priority: number;
}

/**
 * A policy ready to judge rows. Built once: an evaluation costs up to a few hundred microseconds,
 * so it is asked about finished rows, never about kernels.
 */
export class PolicyEngine {
  readonly #engine: Engine;

  constructor(rules: readonly NamedRule[]) {
    this.#engine = new Engine([], { allowUndefinedFacts: true });
    for (const rule of rules) {
      const { name, priority = DEFAULT_PRIORITY, when, decide } = rule;
      const properties = { name, priority, conditions: when, event: decide };
      this.#engine.addRule(properties as unknown as RuleProperties);
    }
  }

  static of(policy: Policy): PolicyEngine {
    return new PolicyEngine(policy.rules);
  }

  /** Decisions by descending priority, then name: the engine itself reports them in no fixed order. */
  async judge(facts: PolicyFacts): Promise<readonly Decision[]> {
    const { results } = await this.#engine.run({ ...facts });
    return results
      .map(({ name, priority, event }) => ({
        name,
        priority: priority ?? DEFAULT_PRIORITY,
        type: event?.type ?? "",
        params: (event?.params ?? {}) as NonNullable<PolicyEvent["params"]>,
      }))
      .sort((a, b) => b.priority - a.priority || compareText(a.name, b.name));
  }
}

interface NamedRule {
  readonly name: string;
  readonly priority?: number;
  readonly when: PolicyConditions;
  readonly decide: PolicyEvent;
}

/** The decision of a type with the highest priority. */
export function decided(decisions: readonly Decision[], type: string): Decision | undefined {
  return decisions.find((decision) => decision.type === type);
}
