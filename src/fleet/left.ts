import { compareText } from "../base/compare-text.ts";
import { groupBy } from "../base/group-by.ts";
import type { LeftOnTable, StepHistory } from "../model/contracts/fleet.ts";
import { buildsOf, comboKey, comboOf } from "./combo.ts";
import type { FleetRows } from "./rows.ts";

/** What the newest build of each model, GPU, engine and stage would save; most first. */
export function leftOf(rows: FleetRows, builds: readonly string[]): LeftOnTable[] {
  const found = [...groupBy(rows.stages, comboKey)].map(([key, own]): LeftOnTable => {
    const build = buildsOf(own, builds).at(-1)!;
    const { digests } = own.find((row) => row.build === build)!;
    const isIt = (row: FleetRows["actions"][number] | FleetRows["ledger"][number]): boolean =>
      row.build === build && comboKey(row) === key;
    const actions = rows.actions.filter(isIt);
    // A digest without an action saves nothing.
    const none = Array.from({ length: Math.max(0, digests - actions.length) }, () => 0);
    const savesPct = middle([...actions.map(({ pct }) => pct), ...none]);
    // As the reports say it: what holes of a recording add to a step is none of it.
    const savesUs = middle([...actions.map(({ us }) => us), ...none]);
    return {
      ...{ ...comboOf(own[0]!), build, digests, savesPct, savesUs, action: mostOften(actions) },
      parts: rows.ledger.filter(isIt).map(({ part, pct }) => ({ part, pct })),
    };
  });
  return found.sort(
    (a, b) => b.savesPct - a.savesPct || compareText(JSON.stringify(a), JSON.stringify(b)),
  );
}

/** The median step of every build, in the order of `left`. */
export function stepsOf({ stages }: FleetRows, builds: readonly string[]): StepHistory[] {
  return [...groupBy(stages, comboKey).values()].map((own) => ({
    ...comboOf(own[0]!),
    builds: builds.map((build) => ({
      build,
      stepUs: own.find((row) => row.build === build)?.stepUs ?? null,
    })),
  }));
}

function mostOften(actions: FleetRows["actions"]): string | null {
  const groups = [...groupBy(actions, ({ action }) => action)];
  groups.sort(([a, one], [b, other]) => other.length - one.length || compareText(a, b));
  return groups[0]?.[0] ?? null;
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
