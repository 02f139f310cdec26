import { type Line, left, right, type Table } from "../table.ts";

/** A part of an explanation before any format: a heading, remarks, then a table where there is one. */
export interface Section {
  /** 1 for a kernel or rule of a stage, 2 for its parts. */
  readonly level: 1 | 2;
  readonly title: string;
  readonly lines: readonly Line[];
  readonly table: Table | null;
}

/** A table that always has rows and keeps all of them. */
export function sectionTable(
  columns: readonly (readonly [title: string, align: "left" | "right"])[],
  rows: Table["rows"],
): Table {
  return {
    title: "",
    columns: columns.map(([title, align]) =>
      align === "right" ? right(title) : left(title, { min: 12 }),
    ),
    foldOrder: [],
    rows,
    empty: "",
    cut: 0,
  };
}
