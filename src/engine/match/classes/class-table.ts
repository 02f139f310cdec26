import { decisionsOf } from "../../../model/classes/class-decisions.ts";
import type { ClassId, Rule, RuleSet, StatePattern } from "../../../model/rule.ts";
import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import { fieldsOfSymbols } from "./kernel-fields.ts";

/** Every class the rules' patterns use, decided once per symbol. Row `symbol` is a bitset over `ids`. */
export interface ClassTable {
  readonly ids: readonly ClassId[];
  /** Bit of a class within a row. */
  readonly bitOf: ReadonlyMap<ClassId, number>;
  /** 32-bit words per row. */
  readonly words: number;
  readonly bits: Uint32Array;
}

/** Decides classes symbol by symbol: thousands of symbols stand for millions of kernels. */
export function decideClasses(ruleSet: RuleSet, graph: KernelGraph): ClassTable {
  const ids = [...new Set(ruleSet.rules.flatMap(classesOfRule))].sort((a, b) => a - b);
  const bitOf = new Map(ids.map((id, bit) => [id, bit]));
  const words = Math.max(1, Math.ceil(ids.length / 32));
  const bits = new Uint32Array(graph.symbols.length * words);
  const matcher = decisionsOf(ruleSet);
  for (const [symbol, fields] of fieldsOfSymbols(graph).entries()) {
    for (let bit = 0; bit < ids.length; bit++) {
      if (matcher.matches(ids[bit]!, fields)) bits[symbol * words + (bit >> 5)]! |= 1 << (bit & 31);
    }
  }
  return { ids, bitOf, words, bits };
}

export function classesOfRule(rule: Pick<Rule, "states">): ClassId[] {
  return rule.states.flatMap(classesOfState);
}

function classesOfState({ pattern }: StatePattern): ClassId[] {
  if (pattern.kind === "overlap") return [pattern.first.class, pattern.second.class];
  const steps = pattern.steps.map((step) => step.class);
  if (pattern.kind === "any-order") return steps;
  return [...steps, ...pattern.links.flatMap((link) => [...link.past, ...link.without])];
}
