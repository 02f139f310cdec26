import type { Occurrence } from "../../model/finding.ts";
import type { Row } from "../../model/units.ts";

/** The earliest kernel of an occurrence. */
export function firstRow({ rows }: Occurrence): Row {
  let first = Number.POSITIVE_INFINITY;
  for (const step of rows) for (const row of step) if (row < first) first = row;
  return first;
}

/** By first row. No two occurrences of a rule begin with the same kernel. */
export function byFirstRow(occurrences: Occurrence[]): readonly Occurrence[] {
  // Mostly one pattern of one stream was found, whose occurrences are in order already.
  for (let i = 1; i < occurrences.length; i++)
    if (firstRow(occurrences[i - 1]!) > firstRow(occurrences[i]!))
      return occurrences.sort((a, b) => firstRow(a) - firstRow(b));
  return occurrences;
}
