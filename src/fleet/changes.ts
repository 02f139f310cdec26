import { compareText } from "../base/compare-text.ts";
import { groupBy } from "../base/group-by.ts";
import type { FactChange, FleetChange, RuleFlip } from "../model/contracts/fleet.ts";
import { buildsOf, comboKey, comboOf, neighbours } from "./combo.ts";
import type { FleetRows } from "./rows.ts";

/** Every pair of builds that follow each other in a model, GPU, engine and stage. */
export function changesOf(
  { stages, facts, builds: all }: FleetRows,
  builds: readonly string[],
): FleetChange[] {
  const rulesOf = new Map(all.map(({ build, rules }) => [build, rules.join()]));
  return [...groupBy(stages, comboKey)].flatMap(([key, own]) => {
    const told = facts.filter((row) => comboKey(row) === key);
    return neighbours(buildsOf(own, builds)).map(
      ([before, after]): FleetChange => ({
        ...comboOf(own[0]!),
        ...{ before, after, facts: factChanges(told, before, after) },
        isOtherRules: rulesOf.get(before) !== rulesOf.get(after),
      }),
    );
  });
}

function factChanges(
  told: FleetRows["facts"],
  before: string,
  after: string,
): readonly FactChange[] {
  const names = [...new Set(told.map(({ name }) => name))].sort(compareText);
  const valueIn = (build: string, name: string): string | null =>
    told.find((row) => row.build === build && row.name === name)?.value ?? null;
  return names
    .map((name) => ({ name, from: valueIn(before, name), to: valueIn(after, name) }))
    .filter(({ from, to }) => from !== to);
}

/** Rules whose states differ; one that matched nothing is absent. */
export function flipsOf({ states }: FleetRows, changes: readonly FleetChange[]): RuleFlip[] {
  const byCombo = groupBy(states, comboKey);
  return changes.flatMap((change) => {
    const own = byCombo.get(comboKey(change)) ?? [];
    const { before, after, isOtherRules } = change;
    const stateIn = (build: string, rule: string): string =>
      own.find((row) => row.build === build && row.rule === rule)?.state ?? "absent";
    return [...new Set(own.map(({ rule }) => rule))]
      .sort(compareText)
      .map(
        (rule): RuleFlip => ({
          ...{ ...comboOf(change), rule, before, after, isOtherRules },
          ...{ from: stateIn(before, rule), to: stateIn(after, rule) },
        }),
      )
      .filter(({ from, to }) => from !== to);
  });
}
