import { type Line, span, type Table } from "../table.ts";
import type { Block, Card, Fact } from "./block.ts";
import { cellMarkdown, escapeMarkdown, lineMarkdown } from "./markdown-escape.ts";

/** For issues and pull requests: GitHub tables, the summary where it stands. */
export function documentMarkdown(blocks: readonly Block[]): string {
  return `${blocks.flatMap((block) => blockMarkdown(block, 2)).join("\n\n")}\n`;
}

function blockMarkdown(block: Block, level: number): readonly string[] {
  switch (block.kind) {
    case "title":
      return [`# ${lineMarkdown([span(block.text)])}`];
    case "paragraph":
      return [lineMarkdown(block.line)];
    case "list":
      return [listMarkdown(block.lines)];
    case "facts":
      return [listMarkdown(block.facts.map(factLine))];
    case "table":
    case "bar":
      return [...heading(block.table.title, level), tableMarkdown(block.table)];
    case "heat":
      return block.table === null ? [] : [tableMarkdown(block.table)];
    case "cards":
      return [
        ...heading(block.title, level),
        block.cards.length === 0
          ? escapeMarkdown(block.empty)
          : block.cards.map(cardMarkdown).join("\n"),
      ];
    case "summary":
      return ["## Summary", lineMarkdown([span(block.text)])];
    case "section":
      return [
        `${"#".repeat(level)} ${lineMarkdown(block.heading.map(({ text }) => span(text)))}`,
        ...block.blocks.flatMap((inner) => blockMarkdown(inner, level + 1)),
      ];
  }
}

function heading(title: string, level: number): readonly string[] {
  return title === "" ? [] : [`${"#".repeat(level)} ${escapeMarkdown(title)}`];
}

function tableMarkdown(table: Table): string {
  if (table.rows.length === 0) return escapeMarkdown(table.empty);
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(table.columns.map(({ title }) => escapeMarkdown(title))),
    row(table.columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...table.rows.map((cells) => row(cells.map(cellMarkdown))),
    ...(table.note === undefined ? [] : ["", escapeMarkdown(table.note)]),
  ].join("\n");
}

function listMarkdown(lines: readonly Line[], indent = ""): string {
  return lines.map((line) => `${indent}- ${lineMarkdown(line)}`).join("\n");
}

/** Several lines of one fact read on in one. */
function factLine({ label, cell }: Fact): Line {
  const joined = cell.flatMap((line, at) => (at === 0 ? line : [span("; "), ...line]));
  return [span(`${label}: `), ...joined];
}

function cardMarkdown({ heading: title, figure, ...card }: Card, at: number): string {
  const facts = [...card.facts, ...card.more];
  const number = `${at + 1}. `;
  const head = `${number}${lineMarkdown(title)} — ${lineMarkdown(figure)}`;
  return facts.length === 0
    ? head
    : `${head}\n${listMarkdown(facts.map(factLine), " ".repeat(number.length))}`;
}
