import type { Report, StageReport } from "../model/report.ts";
import { type Block, list, section, table } from "./document/block.ts";
import { head } from "./head.ts";
import { diagnosticLines, hiddenLine, nearMissLines, similarityLine } from "./notes.ts";
import type { RenderOptions } from "./renderer.ts";
import { stageHead, stageTitle } from "./stage-head.ts";
import { span } from "./table.ts";
import { actionsTable } from "./tables/actions-table.ts";
import { stageTables } from "./tables/index.ts";

/** A report as every format shows it: what it is about, each stage, then what was left out. */
export function reportDocument(report: Report, options: RenderOptions): readonly Block[] {
  return [
    { kind: "title", text: `${report.tool.name} ${report.tool.version}` },
    { kind: "facts", facts: head(report) },
    table(actionsTable(report)),
    { kind: "summary", text: report.summary },
    ...report.stages.flatMap((stage) => section(stageTitle(stage), ...stageBlocks(stage, options))),
    ...notes(report, options),
  ];
}

/** What stands under the heading of a stage. */
function stageBlocks(stage: StageReport, options: RenderOptions): readonly Block[] {
  return [...list(...stageHead(stage)), ...stageTables(stage, options).map(table)];
}

/** What stands after the stages. */
function notes(report: Report, options: RenderOptions): readonly Block[] {
  const tables = report.stages.flatMap((stage) => stageTables(stage, options));
  return [
    ...[similarityLine(report), hiddenLine(report, tables)].flatMap((line) =>
      line === null ? [] : [{ kind: "paragraph", line } as const],
    ),
    ...section([span("Near misses")], ...list(...nearMissLines(options.nearMisses))),
    ...section([span("Remarks")], ...list(...diagnosticLines(report))),
  ];
}
