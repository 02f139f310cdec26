import type { Facts } from "../../model/facts.ts";
import { STAGES, type StageName } from "../../model/framework.ts";
import type { Guard, Rule, RuleSet, StatePattern } from "../../model/rule.ts";
import { guardText } from "../../model/rule-text.ts";
import { guardTruth } from "../match/verdicts/guards.ts";
import { classMutants } from "./class-mutants.ts";
import { type Mutant, replaced } from "./mutant.ts";
import { stateMutants } from "./state-mutants.ts";

/** Every mutant of one rule, in a fixed order: guards, then states as written, then classes of its own. */
export function mutantsOf(ruleSet: Pick<RuleSet, "classes">, rule: Rule): readonly Mutant[] {
  const { classes } = ruleSet;
  const withRule = (change: string, more: Partial<Rule>): Mutant => ({
    change,
    rule: { ...rule, ...more },
    classes,
  });
  return [
    ...rule.guards.flatMap((guard, index) =>
      guardMutants(guard).map(([change, changed]) =>
        withRule(change, { guards: replaced(rule.guards, index, changed) }),
      ),
    ),
    ...rule.states.flatMap((state, index) => {
      const place = `${state.state} ${index + 1}`;
      const dropped = replaced<StatePattern>(rule.states, index, null);
      return [
        ...(rule.states.length > 1 ? [withRule(`${place}: drop it`, { states: dropped })] : []),
        ...stateMutants(state).map(([change, changed]) =>
          withRule(`${place}: ${change}`, { states: replaced(rule.states, index, changed) }),
        ),
      ];
    }),
    ...(rule.reportShare > 0 && hidesRows(rule)
      ? [
          withRule("drop the report share", { reportShare: 0 }),
          withRule("double the report share", { reportShare: Math.min(1, 2 * rule.reportShare) }),
        ]
      : []),
    ...classMutants(ruleSet, rule),
  ];
}

/** Active fusions are reported whatever their share, so a rule that only knows those hides nothing. */
function hidesRows({ states }: Rule): boolean {
  return states.some(({ state }) => state !== "active");
}

function guardMutants(guard: Guard): readonly (readonly [string, Guard | null])[] {
  // A guard that every stage passes is there for its reader: nothing can tell it from none.
  if (
    guard.fact === "stage" &&
    STAGES.every((stage) => guardTruth(guard, stageIs(stage)) === "true")
  )
    return [];
  const text = guardText(guard);
  const dropped = [`drop guard ${text}`, null] as const;
  const changed = (to: Guard) => [`guard ${text} -> ${guardText(to)}`, to] as const;
  switch (guard.op) {
    case "in":
      if (guard.values.length < 2) return [dropped];
      return [
        dropped,
        ...guard.values.map((_, i) =>
          changed({ ...guard, values: replaced(guard.values, i, null) }),
        ),
      ];
    case "like":
      return [
        dropped,
        ...(guard.globs.length < 2
          ? []
          : guard.globs.map((_, i) =>
              changed({ ...guard, globs: replaced(guard.globs, i, null) }),
            )),
        ...guard.except.map((_, i) =>
          changed({ ...guard, except: replaced(guard.except, i, null) }),
        ),
      ];
    default:
      return [dropped, ...FLIPS[guard.op].map((op) => changed({ ...guard, op }))];
  }
}

function stageIs(value: StageName): Facts {
  return { stage: { value, from: "mutation" } };
}

/** The neighbouring comparison and the opposite one. */
const FLIPS = {
  ">=": [">", "<="],
  "<=": ["<", ">="],
  ">": [">=", "<"],
  "<": ["<=", ">"],
} as const;
