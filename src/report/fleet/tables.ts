import type { FleetReport } from "../../model/contracts/fleet.ts";
import { count, share, timeInWords } from "../numbers.ts";
import { type Cell, cell, left, NOTHING, right, span, type Table } from "../table.ts";
import { COMBO_COLUMNS, comboCells } from "./combo-cells.ts";

const between = (before: string, after: string): Cell => cell(span(`${before} to ${after}`));

export function flipTable({ flips }: FleetReport): Table {
  return {
    title: "Rules that flipped",
    columns: [...COMBO_COLUMNS, left("Rule", { min: 16 }), left("Builds"), left("State")],
    foldOrder: [],
    rows: flips.map((row) => [
      ...comboCells(row),
      cell(span(row.rule, "code")),
      between(row.before, row.after),
      cell(
        span(`${row.from} to ${row.to}`),
        ...(row.isOtherRules ? [span(" (other rules judged)", "warn")] : []),
      ),
    ]),
    empty: "No rule changed its state between builds.",
    cut: 0,
  };
}

export function slowerTable({ slower }: FleetReport): Table {
  return {
    title: "Kernels that got slower beyond noise (median launch)",
    columns: [
      ...COMBO_COLUMNS,
      left("Kernel", { min: 20 }),
      left("Builds"),
      ...["Before", "After", "Noise", "Growth", "A step"].map((title) => right(title)),
      left("Other work"),
    ],
    foldOrder: [],
    rows: slower.map((row) => [
      ...comboCells(row),
      cell(span(row.shortName, "code")),
      between(row.before, row.after),
      ...[row.fromUs, row.toUs, row.noiseUs].map((us) => cell(span(timeInWords(us)))),
      cell(span(share(row.growthPct), "bad")),
      row.perStepUs === null ? NOTHING : cell(span(`+${timeInWords(row.perStepUs)}`)),
      row.otherWork.length === 0 ? NOTHING : cell(span(row.otherWork.join(", "), "warn")),
    ]),
    empty: "No kernel got slower beyond noise.",
    cut: 0,
  };
}

export function leftTable({ left: rows }: FleetReport): Table {
  return {
    title: "Left on the table (newest build, the largest single action)",
    columns: [
      ...COMBO_COLUMNS,
      left("Build"),
      ...["Digests", "Of a step", "Saves"].map((title) => right(title)),
      left("Action", { min: 24 }),
    ],
    foldOrder: [],
    rows: rows.map((row) => [
      ...comboCells(row),
      cell(span(row.build)),
      cell(span(count(row.digests))),
      cell(span(share(row.savesPct))),
      row.savesUs === null ? NOTHING : cell(span(timeInWords(row.savesUs))),
      row.action === null ? NOTHING : cell(span(row.action)),
    ]),
    empty: "No digest has a stage.",
    cut: 0,
  };
}

/** Where the work or the engine is another one than before, and how. */
export function changeTable({ changes }: FleetReport): Table {
  return {
    title: "What else changed between builds",
    columns: [...COMBO_COLUMNS, left("Builds"), left("Fact"), left("Before"), left("After")],
    foldOrder: [],
    rows: changes.flatMap((row) =>
      row.facts.map(({ name, from, to }) => [
        ...comboCells(row),
        between(row.before, row.after),
        cell(span(name)),
        from === null ? NOTHING : cell(span(from)),
        to === null ? NOTHING : cell(span(to)),
      ]),
    ),
    empty: "No fact of a stage changed.",
    cut: 0,
  };
}
