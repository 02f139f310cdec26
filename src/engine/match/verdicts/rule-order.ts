import { compareText } from "../../../base/compare-text.ts";
import type { Rule } from "../../../model/rule.ts";

/** The declared `subsumes` relation, closed over its steps and checked to be an order. */
export interface RuleOrder {
  /** Rule ids, every subsuming rule before the ones it subsumes; ties by id. */
  readonly ids: readonly string[];
  /** Rules that subsume a rule, directly or through others, in the order of `ids`. */
  above(id: string): readonly string[];
  /** Rules on a cycle: who claims is undefined among them, so their declarations are ignored. */
  readonly cyclic: readonly string[];
}

export function orderRules(rules: readonly Pick<Rule, "id" | "subsumes">[]): RuleOrder {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const below = (id: string): readonly string[] =>
    (byId.get(id)?.subsumes ?? []).filter((lower) => byId.has(lower));
  const reach = new Map(rules.map(({ id }) => [id, reachable(id, below)]));
  const cyclic = new Set(rules.map(({ id }) => id).filter((id) => reach.get(id)!.has(id)));

  const aboveOf = new Map<string, string[]>(rules.map(({ id }) => [id, []]));
  const depth = (id: string): number => aboveOf.get(id)!.length;
  for (const { id } of rules)
    if (!cyclic.has(id)) for (const lower of reach.get(id)!) aboveOf.get(lower)!.push(id);
  // Whatever stands above a rule has fewer rules above itself, so counting them sorts the order.
  const ids = rules.map(({ id }) => id).sort((a, b) => depth(a) - depth(b) || compareText(a, b));
  const rank = new Map(ids.map((id, index) => [id, index]));
  for (const above of aboveOf.values()) above.sort((a, b) => rank.get(a)! - rank.get(b)!);
  return { ids, above: (id) => aboveOf.get(id) ?? [], cyclic: [...cyclic].sort() };
}

function reachable(from: string, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...next(from)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...next(id));
  }
  return seen;
}
