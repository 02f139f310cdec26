import { compareArch } from "../../../model/arch.ts";
import { compileGlob, matchesGlob } from "../../../model/classes/glob.ts";
import { FACTS, type FactName, type Facts, type FactValue } from "../../../model/facts.ts";
import type { Guard, Rule } from "../../../model/rule.ts";

/** Unknown facts make a guard neither true nor false: the rule runs and says what it assumed. */
export type Truth = "true" | "false" | "unknown";

interface GuardAnswer {
  readonly guard: Guard;
  readonly truth: Truth;
}

export interface GuardsAnswer {
  /** Fact of the first false guard, in written order; null when none is false. */
  readonly blockedBy: FactName | null;
  /** Facts of the unknown guards, sorted, each once; empty when the rule is blocked. */
  readonly assuming: readonly FactName[];
  readonly answers: readonly GuardAnswer[];
}

export function checkGuards(rule: Pick<Rule, "guards">, facts: Facts): GuardsAnswer {
  const answers = rule.guards.map((guard) => ({ guard, truth: guardTruth(guard, facts) }));
  const blockedBy = answers.find((answer) => answer.truth === "false")?.guard.fact ?? null;
  const unknown = answers.filter((answer) => answer.truth === "unknown");
  const assuming =
    blockedBy === null ? [...new Set(unknown.map((answer) => answer.guard.fact))].sort() : [];
  return { blockedBy, assuming, answers };
}

export function guardTruth(guard: Guard, facts: Facts): Truth {
  if (guard.fact === "stage") return stageTruth(guard, facts);
  const fact = facts[guard.fact];
  // A rule that asks for "unknown" by name is content with not knowing.
  if (fact === undefined)
    return guard.op === "in" && guard.values.includes("unknown") ? "true" : "unknown";
  return holds(guard, fact.value) ? "true" : "false";
}

/**
 * A mixed step runs prefill and decode tokens, so a rule about both is about it too. "all" may be
 * any stage: a guard is certain there only where it says the same of prefill and decode. Naming
 * "mixed" or "all" outright is always honoured.
 */
function stageTruth(guard: Guard, facts: Facts): Truth {
  const stage = facts.stage?.value ?? "all";
  if (holds(guard, stage)) return "true";
  if (stage !== "mixed" && stage !== "all") return "false";
  const prefill = holds(guard, "prefill");
  const decode = holds(guard, "decode");
  if (prefill && decode) return "true";
  if (stage === "mixed") return "false";
  return prefill || decode || holds(guard, "mixed") ? "unknown" : "false";
}

function holds(guard: Guard, value: FactValue): boolean {
  switch (guard.op) {
    case "in":
      return guard.values.some((wanted) => equal(guard.fact, wanted, value));
    case "like": {
      const text = String(value).toLowerCase();
      const like = (globs: readonly string[]): boolean =>
        globs.some((glob) => matchesGlob(compileGlob(glob.toLowerCase()), text));
      return like(guard.globs) && !like(guard.except);
    }
    default: {
      const order = compare(guard.fact, value, guard.value);
      if (order === null) return false;
      if (guard.op === ">=") return order >= 0;
      if (guard.op === "<=") return order <= 0;
      return guard.op === ">" ? order > 0 : order < 0;
    }
  }
}

function equal(fact: FactName, wanted: FactValue, value: FactValue): boolean {
  if (FACTS[fact].type === "arch") {
    const order = compareArch(String(value), String(wanted));
    if (order !== null) return order === 0;
  }
  return String(wanted) === String(value);
}

/** Null where the two have no order: other vendor's architecture, text against a number. */
function compare(fact: FactName, left: FactValue, right: FactValue): number | null {
  if (FACTS[fact].type === "arch") return compareArch(String(left), String(right));
  const difference = Number(left) - Number(right);
  return Number.isNaN(difference) ? null : difference;
}
