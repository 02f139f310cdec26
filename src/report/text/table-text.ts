import {
  type Cell,
  type Column,
  type Line,
  NOTHING,
  type Span,
  span,
  type Table,
} from "../table.ts";
import { cutLine, inOneLine } from "./cut.ts";
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
  const { brief } = table;
  // Short rows need no rule, and the table's title heads its first column.
  const titleOf = (index: number): Span =>
    brief !== undefined && index === shown[0] && table.title !== ""
      ? span(briefTitle(table), "strong")
      : span(table.columns[index]!.title, "dim");
  const header = shown.map((index): Cell => [[titleOf(index)]]);
  const lines = cellsText(header, shown, widths, table.columns, paint, wrapLine);
  if (brief === undefined) {
    const rule = widths.map((size) => "─".repeat(size)).join(" ".repeat(GAP));
    lines.push(paint([span(rule, "dim")]));
  }
  const fitLine = brief === undefined ? wrapLine : cutToOne;
  const labelWidth = Math.max(0, ...folded.map((index) => foldLabel(table.columns[index]!).length));
  const rows = table.rows.slice(0, brief?.most ?? table.rows.length);
  const bodies = rows.map((row, at) => [
    ...cellsText(
      shown.map((index) => (brief === undefined ? row[index]! : firstOf(row[index]!))),
      shown,
      widths,
      table.columns,
      paint,
      fitLine,
    ),
    ...folded
      .filter((index) => row[index] !== NOTHING)
      .filter((index) => brief === undefined || !(brief.quiet.has(at) || brief.optional.has(index)))
      .flatMap((index) => {
        const cell = brief === undefined ? row[index]! : [inOneLine(row[index]!)];
        return foldedText(
          cell,
          foldLabel(table.columns[index]!),
          labelWidth,
          width,
          paint,
          fitLine,
        );
      }),
  ]);
  const tall = bodies.reduce((sum, body) => sum + body.length, 0) > 2 * bodies.length;
  for (const [at, body] of bodies.entries()) {
    if (tall && at > 0 && brief === undefined) lines.push("");
    lines.push(...body);
  }
  return lines;
}

/** The title, and how many rows of how many are shown. */
function briefTitle({ title, rows, brief }: Table): string {
  const most = brief?.most ?? rows.length;
  return most < rows.length ? `${title} (${most} of ${rows.length})` : title;
}

/** Breaks or cuts a line to a width. */
type FitLine = (line: Line, width: number) => readonly Line[];

function cutToOne(line: Line, width: number): readonly Line[] {
  return [cutLine(line, width)];
}

/** The first line of a cell and how many there are besides. */
function firstOf(cell: Cell): Cell {
  const [first] = cell;
  return first === undefined || cell.length === 1
    ? cell
    : [[...first, span(` +${cell.length - 1}`, "dim")]];
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
  // A title may take a line per word, but not above short rows.
  const words = table.brief === undefined ? column.title.split(" ") : [column.title];
  const title = Math.max(
    ...words.map(displayWidth),
    index === 0 && table.brief !== undefined ? displayWidth(briefTitle(table)) : 0,
  );
  const cells = table.rows.map((row) =>
    table.brief === undefined ? row[index]! : firstOf(row[index]!),
  );
  return cells.reduce((most, cell) => Math.max(most, ...cell.map(lineWidth)), title);
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
  fitLine: FitLine,
): string[] {
  const wrapped = cells.map((one, i) => one.flatMap((line) => fitLine(line, widths[i]!)));
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
  fitLine: FitLine,
): string[] {
  const indent = FOLD_INDENT + labelWidth + GAP;
  const lines = cell.flatMap((line) => fitLine(line, Math.max(1, width - indent)));
  return lines.map((line, at) => {
    const lead = at === 0 ? label.padEnd(labelWidth + GAP) : " ".repeat(labelWidth + GAP);
    return " ".repeat(FOLD_INDENT) + paint([span(lead, "dim")]) + paint(line);
  });
}
