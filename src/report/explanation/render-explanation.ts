import type { RowExplanation } from "../../model/row-explanation.ts";
import { roundedByName } from "../contract.ts";
import { list, tableMarkdown } from "../formats/markdown.ts";
import { inertJson } from "../inert.ts";
import { lineMarkdown } from "../markdown-escape.ts";
import { span } from "../table.ts";
import { joinBlocks, pageOf, paragraph } from "../text/page.ts";
import { tableText } from "../text/table-text.ts";
import { kernelSections } from "./kernel-sections.ts";
import type { Section } from "./page.ts";
import { ruleSections } from "./rule-sections.ts";

interface ExplanationOptions {
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

function explanationText(explanation: RowExplanation, options: ExplanationOptions): string {
  const page = pageOf(options);
  const blocks = sectionsOf(explanation).map(({ level, title, lines, table }) => [
    ...paragraph([span(level === 1 ? `══ ${title}` : title, "strong")], page),
    ...lines.flatMap((line) => paragraph([span("  "), ...line], page)),
    ...(table === null
      ? []
      : tableText(table, page.width - 2, page.paint).map((line) => `  ${line}`)),
  ]);
  return joinBlocks(blocks);
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
  return inertJson(`${JSON.stringify(explanation, roundedByName, 2)}\n`);
}

function sectionsOf({ kernels, rules }: RowExplanation): readonly Section[] {
  return [...kernels.flatMap(kernelSections), ...rules.flatMap(ruleSections)];
}
