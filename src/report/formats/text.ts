import type { StageReport } from "../../model/report.ts";
import { type HeadItem, head } from "../head.ts";
import { diagnosticLines, hiddenLine, nearMissLines, similarityLine } from "../notes.ts";
import type { Renderer } from "../renderer.ts";
import { stageHead, stageTitle } from "../stage-head.ts";
import { type Line, span, type Table } from "../table.ts";
import { actionsTable } from "../tables/actions-table.ts";
import { stageTables } from "../tables/index.ts";
import { joinBlocks, type Page, pageOf, paragraph, strong, tableBlock } from "../text/page.ts";
import { displayWidth } from "../text/width.ts";
import { lineWidth, wrapLine } from "../text/wrap.ts";

/** Indent of what continues a remark. */
const HANG = 2;

/** For terminals: tables as wide as the terminal, the summary last, where the prompt leaves the eye. */
export const renderText: Renderer = (report, options) => {
  const page = pageOf(options);
  const stages = report.stages.map((stage) => ({
    stage,
    tables: stageTables(stage, options.limits),
  }));
  const allTables = stages.flatMap(({ tables }) => tables);
  const blocks = [
    paragraph([span(`${report.tool.name} ${report.tool.version}`, "strong")], page),
    headText(head(report), page),
    tableBlock(actionsTable(report), page),
    ...stages.flatMap(({ stage, tables }) => stageText(stage, tables, page)),
    notes("", [similarityLine(report), hiddenLine(report, allTables)], page),
    notes("Near misses", nearMissLines(options.nearMisses), page),
    notes("Remarks", diagnosticLines(report), page),
    [strong("Summary", page), ...paragraph([span(report.summary)], page)],
  ];
  return joinBlocks(blocks);
};

function headText(items: readonly HeadItem[], page: Page): readonly string[] {
  const labelWidth = Math.max(...items.map(({ label }) => displayWidth(label))) + 2;
  return items.flatMap(({ label, cell }) => {
    const lines = cell.flatMap((line) => wrapLine(line, page.width - labelWidth));
    return lines.map(
      (line, at) =>
        page.paint([span((at === 0 ? label : "").padEnd(labelWidth), "dim")]) + page.paint(line),
    );
  });
}

function stageText(stage: StageReport, tables: readonly Table[], page: Page): string[][] {
  const title = stageTitle(stage);
  const rule = "═".repeat(Math.max(2, page.width - lineWidth(title) - 4));
  const heading = [span("══ ", "dim"), ...title, span(` ${rule}`, "dim")];
  return [
    [
      wrapLine(heading, page.width).map(page.paint).join("\n"),
      ...stageHead(stage).flatMap((line) => paragraph(line, page)),
    ],
    ...tables.map((table) => tableBlock(table, page)),
  ];
}

/** Remarks, continued under themselves. */
function notes(title: string, lines: readonly (Line | null)[], page: Page): string[] {
  const said = lines
    .filter((line) => line !== null)
    .flatMap((line) =>
      wrapLine(line, page.width - HANG).map((part, at) => {
        const text = page.paint(part);
        return at === 0 ? text : " ".repeat(HANG) + text;
      }),
    );
  if (said.length === 0 || title === "") return said;
  return [strong(title, page), ...said];
}
