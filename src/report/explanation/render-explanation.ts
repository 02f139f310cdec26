import type { RowExplanation } from "../../model/row-explanation.ts";
import { list, tableMarkdown } from "../formats/markdown.ts";
import { inertJson } from "../inert.ts";
import { lineMarkdown } from "../markdown-escape.ts";
import { span } from "../table.ts";
import { painter } from "../text/paint.ts";
import { tableText } from "../text/table-text.ts";
import { wrapLine } from "../text/wrap.ts";
import { kernelSections } from "./kernel-sections.ts";
import type { Section } from "./page.ts";
import { ruleSections } from "./rule-sections.ts";

export interface ExplanationOptions {
  readonly width: number;
  readonly color: boolean;
}

export const EXPLANATION_FORMATS = {
  text: explanationText,
  markdown: explanationMarkdown,
  json: explanationJson,
} as const satisfies Record<
  string,
  (explanation: RowExplanation, options: ExplanationOptions) => string
>;
export type ExplanationFormat = keyof typeof EXPLANATION_FORMATS;

function explanationText(
  explanation: RowExplanation,
  { width, color }: ExplanationOptions,
): string {
  const paint = painter(color);
  const room = Math.max(NARROWEST, width);
  const blocks = sectionsOf(explanation).map(({ level, title, lines, table }) => [
    ...wrapLine([span(level === 1 ? `══ ${title}` : title, "strong")], room).map(paint),
    ...lines.flatMap((line) => wrapLine([span("  "), ...line], room)).map(paint),
    ...(table === null ? [] : tableText(table, room - 2, paint).map((line) => `  ${line}`)),
  ]);
  return `${blocks.map((block) => block.map(trimmed).join("\n")).join("\n\n")}\n`;
}

/** Below this a terminal may wrap as it likes. */
const NARROWEST = 40;

/** Without blanks at the end, behind which escape codes may stand. */
function trimmed(line: string): string {
  return line.replace(/ (?: |\u001b\[\d+m)*$/, (end) => end.replaceAll(" ", ""));
}

function explanationMarkdown(explanation: RowExplanation, _: ExplanationOptions): string {
  const blocks = sectionsOf(explanation).flatMap(({ level, title, lines, table }) => [
    `${level === 1 ? "##" : "###"} ${lineMarkdown([span(title)])}`,
    ...(lines.length === 0 ? [] : [list(lines)]),
    ...(table === null ? [] : [tableMarkdown(table)]),
  ]);
  return `${blocks.join("\n\n")}\n`;
}

function explanationJson(explanation: RowExplanation, _: ExplanationOptions): string {
  return inertJson(`${JSON.stringify(explanation, rounded, 2)}\n`);
}

/** Shares to four decimals, like the report's; times are whole nanoseconds already. */
function rounded(key: string, value: unknown): unknown {
  if (typeof value !== "number" || !/(Pct|Us)$/.test(key)) return value;
  return Number(value.toFixed(key.endsWith("Pct") ? 4 : 3)) + 0;
}

function sectionsOf({ kernels, rules }: RowExplanation): readonly Section[] {
  return [...kernels.flatMap(kernelSections), ...rules.flatMap(ruleSections)];
}
