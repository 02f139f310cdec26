import type { StatePattern } from "../../../model/rule.ts";
import { type Check, type KnownKernels, type RuleUnit, ruleCheck } from "../check.ts";
import { coversGuards, type GuardSpace, guardSpace } from "../proofs/guard-space.ts";
import { alwaysTakes, spanOf } from "../proofs/pattern-relations.ts";

/** Rules each rule subsumes, directly and through others. */
export function subsumedBy(rules: readonly RuleUnit[]): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map(rules.map(({ rule }) => [rule.id, rule.subsumes]));
  const reach = new Map<string, Set<string>>();
  const visit = (id: string): Set<string> => {
    const known = reach.get(id);
    if (known !== undefined) return known;
    const all = new Set<string>();
    reach.set(id, all);
    for (const lower of direct.get(id) ?? []) {
      all.add(lower);
      for (const one of visit(lower)) all.add(one);
    }
    return all;
  };
  for (const { rule } of rules) visit(rule.id);
  return reach;
}

/** shadowed-rule. */
export const shadowedRules: Check = {
  code: "shadowed-rule",
  *run({ rules, known }) {
    if (known === null) return;
    const subsumed = subsumedBy(rules);
    const spaces = new Map(rules.map(({ rule }) => [rule.id, guardSpace(rule.guards)]));
    for (const lower of rules)
      for (const upper of rules) {
        if (subsumed.get(upper.rule.id)?.has(lower.rule.id) !== true) continue;
        if (!isAlwaysHidden(lower, upper, spaces, known)) continue;
        yield {
          file: lower.file.file,
          rule: lower.rule.id,
          range: lower.node.id.range,
          message: `the rule is never shown: wherever it matches, \`${upper.rule.id}\` matches and subsumes it`,
          help: "narrow the other rule, or remove this one",
          related: [
            { file: upper.file.file, range: upper.node.id.range, message: "the rule above it" },
          ],
        };
        break;
      }
  },
};

function isAlwaysHidden(
  { rule: lower }: RuleUnit,
  { rule: upper }: RuleUnit,
  spaces: ReadonlyMap<string, GuardSpace>,
  { classes }: KnownKernels,
): boolean {
  return (
    upper.status !== "deprecated" &&
    upper.reportShare <= lower.reportShare &&
    coversGuards(spaces.get(upper.id)!, spaces.get(lower.id)!) &&
    lower.states.every((state) => upper.states.some((other) => alwaysTakes(other, state, classes)))
  );
}

/** subsumes-order. The compiler cuts circles; what is left must lead from the larger rule to the smaller. */
export const subsumesSpan = ruleCheck("subsumes-order", function* ({ node, rule }, { rules }) {
  for (const word of node.subsumes?.values ?? []) {
    const lower = rules.find((unit) => unit.rule.id === word.text);
    if (lower === undefined) continue;
    const [most, least] = [spansOf(rule.states, "max"), spansOf(lower.rule.states, "min")];
    if (most.length === 0 || least.length === 0 || Math.max(...most) >= Math.min(...least))
      continue;
    yield {
      range: word.range,
      message: `\`${word.text}\` spans ${Math.min(...least)} kernels, this rule at most ${Math.max(...most)}`,
      help: "the rule of the larger fusion subsumes that of the smaller",
      related: [{ file: lower.file.file, range: lower.node.id.range, message: "the larger rule" }],
    };
  }
});

const spansOf = (states: readonly StatePattern[], bound: "min" | "max"): number[] =>
  states.filter(({ state }) => state === "split").map(({ pattern }) => spanOf(pattern, bound));
