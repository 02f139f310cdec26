import type { StageReport } from "../../model/report.ts";
import { head } from "../head.ts";
import { cellMarkdown, escapeMarkdown, lineMarkdown } from "../markdown-escape.ts";
import { diagnosticLines, hiddenLine, nearMissLines, similarityLine } from "../notes.ts";
import type { Renderer } from "../renderer.ts";
import { stageHead, stageTitle } from "../stage-head.ts";
import { type Line, span, type Table } from "../table.ts";
import { actionsTable } from "../tables/actions-table.ts";
import { stageTables } from "../tables/index.ts";

/** For issues and pull requests: GitHub tables, the summary first, where the reader starts. */
export const renderMarkdown: Renderer = (report, options) => {
  const stages = report.stages.map((stage) => ({
    stage,
    tables: stageTables(stage, options.limits),
  }));
  const allTables = stages.flatMap(({ tables }) => tables);
  const actions = actionsTable(report);
  const blocks = [
    `# ${escapeMarkdown(`${report.tool.name} ${report.tool.version}`)}`,
    list(
      head(report).flatMap(({ label, cell }) => [[span(`${label}: `), ...cell.flatMap(spaced)]]),
    ),
    `## ${actions.title}`,
    tableMarkdown(actions),
    "## Summary",
    lineMarkdown([span(report.summary)]),
    ...stages.flatMap(({ stage, tables }) => stageMarkdown(stage, tables)),
    ...[similarityLine(report), hiddenLine(report, allTables)].map((line) =>
      line === null ? "" : lineMarkdown(line),
    ),
    section("Near misses", nearMissLines(options.nearMisses)),
    section("Remarks", diagnosticLines(report)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
};

function stageMarkdown(stage: StageReport, tables: readonly Table[]): readonly string[] {
  return [
    `## ${lineMarkdown(stageTitle(stage).map(({ text }) => span(text)))}`,
    list(stageHead(stage)),
    ...tables.flatMap((table) => [`### ${escapeMarkdown(table.title)}`, tableMarkdown(table)]),
  ];
}

export function tableMarkdown(table: Table): string {
  if (table.rows.length === 0) return escapeMarkdown(table.empty);
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(table.columns.map(({ title }) => escapeMarkdown(title))),
    row(table.columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...table.rows.map((cells) => row(cells.map(cellMarkdown))),
  ].join("\n");
}

/** Several lines of one head item read on in one. */
function spaced(line: Line, at: number): Line {
  return at === 0 ? line : [span("; "), ...line];
}

export function list(lines: readonly Line[]): string {
  return lines.map((line) => `- ${lineMarkdown(line)}`).join("\n");
}

function section(title: string, lines: readonly Line[]): string {
  return lines.length === 0 ? "" : `## ${title}\n\n${list(lines)}`;
}
