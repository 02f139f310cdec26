import type { Diff } from "../../model/diff.ts";
import { roundedByName } from "../contract.ts";
import { list, tableMarkdown } from "../formats/markdown.ts";
import { inertJson } from "../inert.ts";
import { escapeMarkdown } from "../markdown-escape.ts";
import { joinBlocks, pageOf, paragraph, strong, tableBlock } from "../text/page.ts";
import { type Block, diffDocument } from "./document.ts";
import { renderDiffHtml } from "./html.ts";

interface DiffRenderOptions {
  readonly width: number;
  readonly color: boolean;
  /** Gates that failed, in words. */
  readonly failures: readonly string[];
}

type DiffRenderer = (diff: Diff, options: DiffRenderOptions) => string;

const renderText: DiffRenderer = (diff, options) => {
  const page = pageOf(options);
  const block = (one: Block): string[] => {
    if (one.kind === "title") return [strong(one.text, page)];
    if (one.kind === "heading") return [strong(`══ ${one.text}`, page)];
    if (one.kind === "table") return tableBlock(one.table, page);
    const lines = one.lines.flatMap((line) => paragraph(line, page));
    return one.title === "" ? lines : [strong(one.title, page), ...lines];
  };
  return joinBlocks(diffDocument(diff, options.failures).map(block));
};

const renderMarkdown: DiffRenderer = (diff, { failures }) => {
  const block = (one: Block): string => {
    if (one.kind === "title") return `# ${escapeMarkdown(one.text)}`;
    if (one.kind === "heading") return `## ${escapeMarkdown(one.text)}`;
    if (one.kind === "table")
      return `### ${escapeMarkdown(one.table.title)}\n\n${tableMarkdown(one.table)}`;
    const lines = list(one.lines);
    return one.title === "" ? lines : `## ${escapeMarkdown(one.title)}\n\n${lines}`;
  };
  return `${diffDocument(diff, failures).map(block).join("\n\n")}\n`;
};

const TOP = [
  "schemaVersion",
  "tool",
  "before",
  "after",
  "warnings",
  "minSharePct",
  "thresholds",
  "verdict",
  "onlyBefore",
  "onlyAfter",
  "stages",
  "budgets",
] as const satisfies readonly (keyof Diff)[];

const renderJson: DiffRenderer = (diff) => {
  const ordered = Object.fromEntries(TOP.map((key) => [key, diff[key]]));
  return `${inertJson(JSON.stringify(ordered, roundedByName, 2))}\n`;
};

/** Every format of `triage diff` by its name on the command line. */
export const DIFF_FORMATS = {
  text: renderText,
  markdown: renderMarkdown,
  json: renderJson,
  html: (diff, { failures }) => renderDiffHtml(diffDocument(diff, failures)),
} as const satisfies Record<string, DiffRenderer>;
export type DiffFormatName = keyof typeof DIFF_FORMATS;
