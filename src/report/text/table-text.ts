import { type Cell, type Column, type Line, NOTHING, span, type Table } from "../table.ts";
import type { Painter } from "./paint.ts";
import { displayWidth } from "./width.ts";
import { lineWidth, wrapLine } from "./wrap.ts";

const GAP = 2;
const FOLD_INDENT = 4;
/** Even a column that must not wrap gives way beyond this. */
const WIDEST_KEPT = 26;

/** A table drawn to `width` columns; columns that find no room move below their row, labelled. */
export function tableText(table: Table, width: number, paint: Painter): readonly string[] {
  const { shown, folded, widths } = fitColumns(table, width);
  const header = shown.map((index): Cell => [[span(table.columns[index]!.title, "dim")]]);
  const lines = cellsText(header, shown, widths, table.columns, paint);
  const rule = widths.map((size) => "─".repeat(size)).join(" ".repeat(GAP));
  lines.push(paint([span(rule, "dim")]));
  const labelWidth = Math.max(0, ...folded.map((index) => foldLabel(table.columns[index]!).length));
  const bodies = table.rows.map((row) => [
    ...cellsText(
      shown.map((index) => row[index]!),
      shown,
      widths,
      table.columns,
      paint,
    ),
    ...folded
      .filter((index) => row[index] !== NOTHING)
      .flatMap((index) =>
        foldedText(row[index]!, foldLabel(table.columns[index]!), labelWidth, width, paint),
      ),
  ]);
  const tall = bodies.reduce((sum, body) => sum + body.length, 0) > 2 * bodies.length;
  for (const [at, body] of bodies.entries()) {
    if (tall && at > 0) lines.push("");
    lines.push(...body);
  }
  return lines;
}

interface Fit {
  /** Indexes of columns side by side, in order. */
  readonly shown: readonly number[];
  readonly folded: readonly number[];
  /** Per shown column. */
  readonly widths: readonly number[];
}

function fitColumns(table: Table, width: number): Fit {
  const ideal = table.columns.map((column, index) => idealWidth(table, column, index));
  const least = table.columns.map((column, index) =>
    Math.min(column.min ?? WIDEST_KEPT, ideal[index]!),
  );
  const rest = table.columns.map((_, index) => index).filter((i) => !table.foldOrder.includes(i));
  // Past the columns meant to fold, anything but the first goes below before the table breaks.
  const order = [...table.foldOrder, ...rest.slice(1).reverse()];
  const folded = new Set<number>();
  const needed = (): number => {
    const kept = least.filter((_, index) => !folded.has(index));
    return kept.reduce((sum, size) => sum + size, 0) + GAP * (kept.length - 1);
  };
  for (const index of order) {
    if (needed() <= width) break;
    folded.add(index);
  }
  const shown = table.columns.map((_, index) => index).filter((index) => !folded.has(index));
  return {
    shown,
    folded: [...folded].sort((a, b) => a - b),
    widths: share(
      shown.map((index) => least[index]!),
      shown.map((index) => ideal[index]!),
      width - GAP * (shown.length - 1),
    ),
  };
}

function idealWidth(table: Table, column: Column, index: number): number {
  // A title may take a line per word.
  const title = Math.max(...column.title.split(" ").map(displayWidth));
  return table.rows.reduce((most, row) => Math.max(most, ...row[index]!.map(lineWidth)), title);
}

/** Least widths plus the room that is left, handed out evenly until each column has what it wants. */
function share(
  least: readonly number[],
  ideal: readonly number[],
  room: number,
): readonly number[] {
  let spare = room - least.reduce((sum, size) => sum + size, 0);
  if (spare < 0) return least.map((size) => Math.min(size, Math.max(1, room)));
  const widths = [...least];
  const byWant = widths
    .map((_, i) => i)
    .sort((a, b) => ideal[a]! - least[a]! - (ideal[b]! - least[b]!));
  for (const [done, i] of byWant.entries()) {
    const extra = Math.min(ideal[i]! - least[i]!, Math.floor(spare / (byWant.length - done)));
    widths[i] = least[i]! + extra;
    spare -= extra;
  }
  return widths;
}

function cellsText(
  cells: readonly Cell[],
  shown: readonly number[],
  widths: readonly number[],
  columns: readonly Column[],
  paint: Painter,
): string[] {
  const wrapped = cells.map((one, i) => one.flatMap((line) => wrapLine(line, widths[i]!)));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    wrapped
      .map((lines, i) => pad(lines[at] ?? [], widths[i]!, columns[shown[i]!]!.align, paint))
      .join(" ".repeat(GAP)),
  );
}

function pad(line: Line, width: number, align: Column["align"], paint: Painter): string {
  const blanks = " ".repeat(Math.max(0, width - lineWidth(line)));
  return align === "right" ? blanks + paint(line) : paint(line) + blanks;
}

function foldLabel(column: Column): string {
  return column.fold ?? column.title.toLowerCase();
}

/** A cell below its row: "    now at   vllm/…", continued under itself. */
function foldedText(
  cell: Cell,
  label: string,
  labelWidth: number,
  width: number,
  paint: Painter,
): string[] {
  const indent = FOLD_INDENT + labelWidth + GAP;
  const lines = cell.flatMap((line) => wrapLine(line, Math.max(1, width - indent)));
  return lines.map((line, at) => {
    const lead = at === 0 ? label.padEnd(labelWidth + GAP) : " ".repeat(labelWidth + GAP);
    return " ".repeat(FOLD_INDENT) + paint([span(lead, "dim")]) + paint(line);
  });
}
