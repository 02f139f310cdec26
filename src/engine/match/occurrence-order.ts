import type { Occurrence } from "../../model/finding.ts";
import type { Row } from "../../model/units.ts";

/** The earliest kernel of an occurrence. */
function firstRow({ rows }: Occurrence): Row {
  let first = Number.POSITIVE_INFINITY;
  for (const step of rows) for (const row of step) if (row < first) first = row;
  return first;
}

/** By first row. No two occurrences of a rule begin with the same kernel. */
export function byFirstRow(occurrences: Occurrence[]): readonly Occurrence[] {
  // Mostly one pattern of one stream was found, whose occurrences are in order already.
  let before = -1;
  for (const occurrence of occurrences) {
    const first = firstRow(occurrence);
    if (first < before) return occurrences.sort((a, b) => firstRow(a) - firstRow(b));
    before = first;
  }
  return occurrences;
}
