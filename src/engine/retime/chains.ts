import type { Occurrence } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import type { GpuEvents } from "../../model/trace.ts";
import type { Row } from "../../model/units.ts";
import { swallowedRows } from "../match/verdicts/save-model.ts";
import type { Change } from "./retime.ts";

/** Kernels in order of which some go and the others stay, launched where the first of all was. */
interface Chain {
  readonly rows: readonly Row[];
  readonly gone: ReadonlySet<Row>;
}

/**
 * Chains without the kernels that go. As many launches are left as kernels, the earliest ones: the
 * host's work up to the beginning of a chain is needed all the same, what lies inside it is not.
 */
export function withoutKernels(
  chains: readonly Chain[],
  isFree: (row: Row) => boolean,
): Pick<Required<Change>, "removed" | "unlaunched"> {
  const removed = new Set<Row>();
  const unlaunched = new Set<Row>();
  for (const { rows, gone } of chains) {
    const going = rows.filter((row) => gone.has(row) && isFree(row));
    for (const row of going) removed.add(row);
    for (const row of rows.slice(rows.length - going.length)) unlaunched.add(row);
  }
  return { removed, unlaunched };
}

/** A chain of which only the longest kernel stays. */
export function keepLongest(duration: ArrayLike<number>, rows: readonly Row[]): Chain {
  let longest = rows[0]!;
  for (const row of rows) if (duration[row]! > duration[longest]!) longest = row;
  return { rows, gone: new Set(rows.filter((row) => row !== longest)) };
}

/** The chains of a fusion that did not happen, each without what the fused kernel swallows. */
export function fusionChains(
  rule: Rule,
  occurrences: readonly Occurrence[],
  gpu: GpuEvents,
): readonly Chain[] {
  return occurrences
    .filter(({ state }) => state !== "active")
    .map((occurrence) => ({
      rows: occurrence.rows.flat().sort((a, b) => a - b),
      gone: new Set(swallowedRows(rule, occurrence, gpu)),
    }));
}
