import { type Cell, type Line, left, right, type Table } from "../table.ts";

/**
 * A page before any format. A part of a page is written once, as a function from what it shows to
 * blocks, and every format has it: `text.ts`, `markdown.ts` and `html.ts` each draw every kind.
 */
export type Block =
  /** Name of the whole page. */
  | { readonly kind: "title"; readonly text: string }
  /** One sentence or paragraph; a line that is too long continues under itself. */
  | {
      readonly kind: "paragraph";
      readonly line: Line;
      /** A terminal cuts it after one line. */
      readonly isFinePrint?: boolean;
    }
  | { readonly kind: "list"; readonly lines: readonly Line[] }
  /** Labelled facts, one under the other. */
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | { readonly kind: "table"; readonly table: Table }
  /** Things to choose from, each with what it brings and what it stands on. */
  | {
      readonly kind: "cards";
      readonly title: string;
      readonly cards: readonly Card[];
      /** Said instead of cards when there are none. */
      readonly empty: string;
    }
  /** Parts of a whole that open into the table of the same parts; only pages draw the bar. */
  | {
      readonly kind: "bar";
      readonly heading: string;
      readonly parts: readonly BarPart[];
      readonly table: Table;
    }
  /** Rows by columns, each place as dark as its level; opens into the table of the same values. Only pages draw it. */
  | {
      readonly kind: "heat";
      readonly heading: string;
      readonly columns: readonly string[];
      readonly rows: readonly HeatRow[];
      /** Null where another table of the page has the values already. */
      readonly table: Table | null;
    }
  /** What to keep of the whole page: where reading starts, which in a terminal is its end. */
  | { readonly kind: "summary"; readonly text: string }
  /** A heading and what stands under it; sections may hold sections. */
  | { readonly kind: "section"; readonly heading: Line; readonly blocks: readonly Block[] };

export interface Fact {
  readonly label: string;
  readonly cell: Cell;
}

export interface Card {
  readonly id: string;
  readonly heading: Line;
  /** What it brings, in a few words. */
  readonly figure: Line;
  readonly facts: readonly Fact[];
  /** What it stands on: pages open it, Markdown lists it, a terminal leaves it to them. */
  readonly more: readonly Fact[];
}

interface HeatRow {
  readonly title: string;
  readonly cells: readonly HeatCell[];
}

interface HeatCell {
  /** 0 to 1; null where nothing is known. */
  readonly level: number | null;
  /** Said of the place where a pointer rests on it. */
  readonly title: string;
}

interface BarPart {
  readonly title: string;
  /** Class of its colour on a page. */
  readonly colour: string;
  readonly pct: number;
}

/** A section, or nothing where nothing stands under the heading. */
export function section(heading: Line, ...blocks: readonly Block[]): readonly Block[] {
  return blocks.length === 0 ? [] : [{ kind: "section", heading, blocks }];
}

export function list(...lines: readonly Line[]): readonly Block[] {
  return lines.length === 0 ? [] : [{ kind: "list", lines }];
}

/** Facts that have something to say. */
export function facts(...all: readonly (readonly [label: string, cell: Cell])[]): readonly Block[] {
  const told = all.filter(([, cell]) => cell.length > 0);
  return told.length === 0
    ? []
    : [{ kind: "facts", facts: told.map(([label, cell]) => ({ label, cell })) }];
}

export function table(one: Table): Block {
  return { kind: "table", table: one };
}

/** A table without a title that always has rows and keeps all of them. */
export function innerTable(
  columns: readonly (readonly [title: string, align: "left" | "right"])[],
  rows: Table["rows"],
): Extract<Block, { readonly kind: "table" }> {
  return {
    kind: "table",
    table: {
      title: "",
      columns: columns.map(([title, align]) =>
        align === "right" ? right(title) : left(title, { min: 12 }),
      ),
      foldOrder: [],
      rows,
      empty: "",
      cut: 0,
    },
  };
}
