import { type Cell, type Line, span, type Table } from "../table.ts";
import { cutLine, inOneLine } from "../text/cut.ts";
import { type Painter, painter } from "../text/paint.ts";
import { tableText } from "../text/table-text.ts";
import { displayWidth } from "../text/width.ts";
import { lineWidth, wrapLine } from "../text/wrap.ts";
import type { Block, Card, Fact } from "./block.ts";

interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
}

/** What text is laid out for. */
interface Page {
  readonly width: number;
  readonly paint: Painter;
}

/** Below this a terminal may wrap as it likes. */
const NARROWEST = 40;
/** Indent of what continues a line. */
const HANG = 2;
/** Blanks that nobody sees, escape codes among them. */
const BLANKS_AT_END = / (?: |\u001b\[\d+m)*$/gm;

/** For terminals: tables as wide as the terminal, the summary last, where the prompt leaves the eye. */
export function documentText(blocks: readonly Block[], { width, color }: TextOptions): string {
  const page: Page = { width: Math.max(NARROWEST, width), paint: painter(color) };
  const isLast = ({ kind }: Block): boolean => kind === "summary";
  const ordered = [...blocks.filter((block) => !isLast(block)), ...blocks.filter(isLast)];
  const text = ordered
    .flatMap((block, at) => {
      const groups = blockText(block, page, 0).filter((group) => group.length > 0);
      return groups.map((group, part) => {
        const apart = part > 0 || !isOneWith(ordered[at - 1], block);
        return `${at === 0 && part === 0 ? "" : apart ? "\n\n" : "\n"}${group.join("\n")}`;
      });
    })
    .join("");
  return `${text.replace(BLANKS_AT_END, (end) => end.replaceAll(" ", ""))}\n`;
}

/** Paragraphs read on, and a page's name heads its first block. */
function isOneWith(before: Block | undefined, { kind }: Block): boolean {
  return before?.kind === "title" || (before?.kind === "paragraph" && kind === "paragraph");
}

/** Groups of lines; a blank line stands between groups. */
function blockText(block: Block, page: Page, depth: number): string[][] {
  switch (block.kind) {
    case "title":
      return [paragraph([span(block.text, "strong")], page)];
    case "paragraph":
      return [
        block.isFinePrint === true
          ? [page.paint(cutLine(block.line, page.width))]
          : hung(block.line, page),
      ];
    case "list":
      return [block.lines.flatMap((line) => hung(line, page))];
    case "facts":
      return [factsText(block.facts, page)];
    case "table":
    case "bar":
      return [tableBlock(block.table, page)];
    case "heat":
      return block.table === null ? [] : [tableBlock(block.table, page)];
    case "cards": {
      const none = paragraph([span(block.empty, "dim")], page);
      const cards = block.cards.flatMap((card, at) => cardText(card, at, page));
      return [[...strong(block.title, page), ...(cards.length === 0 ? none : cards)]];
    }
    case "summary":
      return [[...strong("Summary", page), ...paragraph([span(block.text)], page)]];
    case "section": {
      const heading =
        depth === 0 ? ruled(block.heading, page) : strong(textOf(block.heading), page);
      const [first, ...rest] = block.blocks.flatMap((inner) => blockText(inner, page, depth + 1));
      // A table under a heading of its own stands apart from the one above.
      const isApart = ["table", "section", "cards"].includes(block.blocks[0]?.kind ?? "");
      return isApart && depth === 0
        ? [heading, first ?? [], ...rest]
        : [[...heading, ...(first ?? [])], ...rest];
    }
  }
}

function paragraph(line: Line, { width, paint }: Page): string[] {
  return wrapLine(line, width).map(paint);
}

function hung(line: Line, { width, paint }: Page): string[] {
  return wrapLine(line, width - HANG).map(
    (part, at) => (at === 0 ? "" : " ".repeat(HANG)) + paint(part),
  );
}

function strong(text: string, { paint }: Page): string[] {
  return [paint([span(text, "strong")])];
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

/** The heading of a part, drawn across the page. */
function ruled(heading: Line, page: Page): string[] {
  const room = page.width - lineWidth(heading) - 4;
  const rule = room < 2 ? [] : [span(` ${"═".repeat(room)}`, "dim")];
  return paragraph([span("══ ", "dim"), ...heading, ...rule], page);
}

/** A table under its title, or what is said instead of its rows. */
function tableBlock(table: Table, page: Page): string[] {
  const { title, rows, empty, brief, note } = table;
  if (rows.length === 0)
    return paragraph([span(title === "" ? "" : `${title}: `, "strong"), span(empty, "dim")], page);
  const body = [...tableText(table, page.width, page.paint)];
  const said = note === undefined ? [] : paragraph([span(note, "dim")], page);
  return title === "" || brief !== undefined
    ? [...body, ...said]
    : [...strong(title, page), ...body, ...said];
}

function factsText(facts: readonly Fact[], page: Page): string[] {
  const labelWidth = Math.max(...facts.map(({ label }) => displayWidth(label))) + 2;
  return facts.flatMap(({ label, cell }) =>
    cellLines(cell, page.width - labelWidth).map(
      (line, at) =>
        page.paint([span((at === 0 ? label : "").padEnd(labelWidth), "dim")]) + page.paint(line),
    ),
  );
}

function cellLines(cell: Cell, width: number): readonly Line[] {
  return cell.flatMap((line) => wrapLine(line, width));
}

/** Lines of one fact of the first card and of the others; the other formats have all of it. */
const MOST_FIRST_LINES = 3;
const MOST_LINES = 2;

function briefly(lines: readonly Line[], most: number, room: number): readonly Line[] {
  const kept = lines.slice(0, most);
  const last = cutLine([...kept.at(-1)!, span(" …")], room - 2);
  return [...kept.slice(0, -1), textOf(last).endsWith("…") ? last : [...last, span(" …")]];
}

function cardText({ heading, figure, facts }: Card, at: number, page: Page): string[] {
  const number = `${at + 1}. `;
  const indent = " ".repeat(number.length);
  const head = wrapLine([...heading, span(" — "), ...figure], page.width - number.length);
  return [
    ...head.map((line, row) => (row === 0 ? number : indent) + page.paint(line)),
    ...facts.flatMap(({ label, cell }) => {
      const lead = `${indent}${label} `;
      const room = page.width - lead.length;
      const all = cell.length === 1 ? wrapLine(cell[0]!, room) : [cutLine(inOneLine(cell), room)];
      const most = at === 0 ? MOST_FIRST_LINES : MOST_LINES;
      const lines = all.length > most ? briefly(all, most, room) : all;
      return lines.map((line, row) =>
        row === 0
          ? page.paint([span(lead, "dim")]) + page.paint(line)
          : " ".repeat(lead.length) + page.paint(line),
      );
    }),
  ];
}
