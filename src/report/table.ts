import { inert } from "./document/inert.ts";

/** What a piece of text is; each format decides how that looks. `code` is an identifier to copy. */
export type Tone = "plain" | "code" | "strong" | "dim" | "good" | "warn" | "bad";

export interface Span {
  /** Safe to print: one line, no control characters. */
  readonly text: string;
  readonly tone: Tone;
  /** https address behind the text, where there is one. */
  readonly href: string | null;
}
export type Line = readonly Span[];
export type Cell = readonly Line[];

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** Narrower than this it is not worth reading; null = as wide as its content, words kept whole. */
  readonly min: number | null;
  /** Label under which the column moves below its row where the width is short; null = it stays. */
  readonly fold: string | null;
}

/** A table before any format: the same rows and cells whether printed as text, Markdown or HTML. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  /** Order in which columns give way, first to go first: indexes of columns with a fold label. */
  readonly foldOrder: readonly number[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said instead of rows when there are none. */
  readonly empty: string;
  /** Rows of the report that the limit left out. */
  readonly cut: number;
  /** Set where a terminal shows less: a cell is one line, cut where it is too long. Other formats show all of it. */
  readonly brief?: Brief;
  /** What the table's words mean, said under it. */
  readonly note?: string | undefined;
}

/** What a terminal leaves to the other formats. */
interface Brief {
  /** Rows shown; null = all. */
  readonly most: number | null;
  /** Rows that ask for nothing: what has no room beside them is left out. */
  readonly quiet: ReadonlySet<number>;
  /** Columns left out where they have no room beside the others. */
  readonly optional: ReadonlySet<number>;
}

/** Every row, and every column beside or below it. */
export const ALL_ROWS: Brief = { most: null, quiet: new Set(), optional: new Set() };

/** A column of words. */
export function left(
  title: string,
  { min = null, fold = null }: Partial<Pick<Column, "min" | "fold">> = {},
): Column {
  return { title, align: "left", min, fold };
}

/** A column of numbers. */
export function right(title: string, min: number | null = null): Column {
  return { title, align: "right", min, fold: null };
}

/** Longer identifiers are names gone wild. */
const LONGEST_NAME = 320;

export function span(text: string, tone: Tone = "plain", href: string | null = null): Span {
  const safe = inert(text);
  return {
    text: tone === "code" ? clip(safe, LONGEST_NAME) : safe,
    tone,
    href: href === null ? null : inert(href),
  };
}

/** Both ends tell more than the middle. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(-half)}`.replace(/\p{Cs}/gu, "");
}

/** A cell that has nothing to say; formats may leave it out where it has a line of its own. */
export const NOTHING: Cell = [[span("–", "dim")]];

/** A cell of one line. */
export function cell(...spans: readonly Span[]): Cell {
  return [spans];
}

/** The first `most` lines and a count of the others. */
export function firstLines(lines: readonly Line[], most: number): Cell {
  // A line that says "+1 more" takes the place of the one it hides.
  if (lines.length <= most + 1) return lines;
  return [...lines.slice(0, most), [span(`+${lines.length - most} more`, "dim")]];
}

/** The rows within the limit, and how many are not. */
export function withinLimit<T>(
  rows: readonly T[],
  limit: number | null,
): { readonly shown: readonly T[]; readonly cut: number } {
  const shown = limit === null ? rows : rows.slice(0, limit);
  return { shown, cut: rows.length - shown.length };
}
