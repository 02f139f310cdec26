import type { Diff } from "../../model/diff.ts";
import { tableMarkdown } from "../formats/markdown.ts";
import { inertJson } from "../inert.ts";
import { escapeMarkdown, lineMarkdown } from "../markdown-escape.ts";
import { span } from "../table.ts";
import { painter } from "../text/paint.ts";
import { tableText } from "../text/table-text.ts";
import { wrapLine } from "../text/wrap.ts";
import { type Block, diffDocument } from "./document.ts";
import { renderDiffHtml } from "./html.ts";

export interface DiffRenderOptions {
  readonly width: number;
  readonly color: boolean;
  /** Gates that failed, in words. */
  readonly failures: readonly string[];
}

export type DiffRenderer = (diff: Diff, options: DiffRenderOptions) => string;

const NARROWEST = 40;

const renderText: DiffRenderer = (diff, { width: given, color, failures }) => {
  const width = Math.max(NARROWEST, given);
  const paint = painter(color);
  const strong = (text: string): string => paint([span(text, "strong")]);
  const block = (one: Block): string[] => {
    if (one.kind === "title") return [strong(one.text)];
    if (one.kind === "heading") return [strong(`══ ${one.text}`)];
    if (one.kind === "table") {
      const { table } = one;
      const body =
        table.rows.length === 0
          ? [paint([span(table.empty, "dim")])]
          : tableText(table, width, paint);
      return [strong(table.title), ...body];
    }
    const lines = one.lines.flatMap((line) => wrapLine(line, width).map(paint));
    return one.title === "" ? lines : [strong(one.title), ...lines];
  };
  const text = diffDocument(diff, failures)
    .map((one) => block(one).join("\n"))
    .join("\n\n");
  return `${text.replace(/ +$/gm, "")}\n`;
};

const renderMarkdown: DiffRenderer = (diff, { failures }) => {
  const block = (one: Block): string => {
    if (one.kind === "title") return `# ${escapeMarkdown(one.text)}`;
    if (one.kind === "heading") return `## ${escapeMarkdown(one.text)}`;
    if (one.kind === "table")
      return `### ${escapeMarkdown(one.table.title)}\n\n${tableMarkdown(one.table)}`;
    const list = one.lines.map((line) => `- ${lineMarkdown(line)}`).join("\n");
    return one.title === "" ? list : `## ${escapeMarkdown(one.title)}\n\n${list}`;
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

/** Times keep whole nanoseconds, shares four decimals; never -0. */
const renderJson: DiffRenderer = (diff) => {
  const ordered = Object.fromEntries(TOP.map((key) => [key, diff[key]]));
  const rounded = JSON.stringify(
    ordered,
    (key, value: unknown) =>
      typeof value === "number"
        ? Number(value.toFixed(/Us$/.test(key) ? 3 : /pct$/i.test(key) ? 4 : 6)) + 0
        : value,
    2,
  );
  return `${inertJson(rounded)}\n`;
};

/** Every format of `triage diff` by its name on the command line. */
export const DIFF_FORMATS = {
  text: renderText,
  markdown: renderMarkdown,
  json: renderJson,
  html: (diff, { failures }) => renderDiffHtml(diffDocument(diff, failures)),
} as const satisfies Record<string, DiffRenderer>;
export type DiffFormatName = keyof typeof DIFF_FORMATS;
