import { GLUE } from "../numbers.ts";
import type { Cell, Line, Span } from "../table.ts";

/** Everything that can start Markdown, HTML, a link or mathematics somewhere. */
const ACTIVE = /[\\`*{}[\]<>&|~$#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
const HTML: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };

/**
 * Inert text as Markdown that shows exactly that text, in a table cell or outside: no markup, no
 * HTML, no link that nobody meant, no list or heading at the start of a line.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(GLUE, " ")
    .replace(ACTIVE, (char) => HTML[char] ?? `\\${char}`)
    .replace(/:\/\//g, "&#58;//")
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}&#46;`)
    .replace(/@/g, "&#64;")
    .replace(/^(\s*)([-+=])(?=[-+=\s]*(\s|$))/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, "$1\\$2");
}

export function lineMarkdown(line: Line): string {
  return line.map(spanMarkdown).join("").trim();
}

/** Lines of a cell, one under the other in one table row. */
export function cellMarkdown(cell: Cell): string {
  return cell.map(lineMarkdown).join("<br>");
}

function spanMarkdown(span: Span): string {
  if (span.text.trim() === "") return span.text;
  const label = span.tone === "code" ? codeMarkdown(span.text) : toned(span);
  return span.href === null ? label : `[${label}](${address(span.href)})`;
}

/** A code span where nothing in the text can end it or the cell; else the same text escaped. */
function codeMarkdown(text: string): string {
  return /[`|\\]/.test(text) ? escapeMarkdown(text) : `\`${text.replaceAll(GLUE, " ")}\``;
}

function toned({ text, tone }: Span): string {
  const escaped = escapeMarkdown(text);
  if (tone !== "strong" && tone !== "bad") return escaped;
  const [, before, inside, after] = /^(\s*)(.*?)(\s*)$/s.exec(escaped)!;
  return `${before}**${inside}**${after}`;
}

/** An address that cannot end its link: only what URLs are made of, percent signs kept. */
function address(href: string): string {
  return href.replace(/[^\w\-.~:/?#@!$&'*+,;=%]/gu, (char) =>
    /[()]/.test(char) ? `%${char.charCodeAt(0).toString(16)}` : encodeURIComponent(char),
  );
}
