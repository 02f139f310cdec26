import type { Report, StageReport } from "../../model/contracts/report.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, list, section, table } from "../document/block.ts";
import type { RenderOptions } from "../renderer.ts";
import { span } from "../table.ts";
import { actionCards } from "./action-cards.ts";
import { basis, head } from "./head.ts";
import { diagnosticLines, hiddenLine, nearMissLines, similarityLine } from "./notes.ts";
import { stageHead, stageTitle } from "./stage-head.ts";
import { stageTables } from "./tables/index.ts";
import { ledgerBar } from "./tables/ledger-table.ts";

/** A report as every format shows it: what it is about, each stage, then what was left out. */
export function reportDocument(report: Report, options: RenderOptions): readonly Block[] {
  return [
    { kind: "title", text: `${report.tool.name} ${report.tool.version}` },
    ...reportIntro(report),
    { kind: "summary", text: report.summary },
    ...report.stages.flatMap((stage) => section(stageTitle(stage), ...stageBlocks(stage, options))),
    ...reportNotes(report, options),
  ];
}

/** What stands under the heading of a stage. */
function stageBlocks(stage: StageReport, options: RenderOptions): readonly Block[] {
  return [...stageIntro(stage), ...stageTables(stage, options).map(table)];
}

/** What stands before the tables of a stage. */
function stageIntro(stage: StageReport): readonly Block[] {
  return [ledgerBar(stage), ...stageFacts(stage)];
}

/** What one step of a stage is, in lines. */
export function stageFacts(stage: StageReport): readonly Block[] {
  return list(...stageHead(stage));
}

/** What a page shows before anything is scrolled: where the time of each stage goes, and what to do first. */
export function firstScreen(report: Report): readonly Block[] {
  const isOne = report.stages.length < 2;
  const bars = report.stages.map((stage) =>
    ledgerBar(stage, isOne ? undefined : `${STAGE_TITLE[stage.stage]}: where the time goes`),
  );
  return [...bars, actionCards(report)];
}

/** What stands before the stages: what the report is about, and what to do first. */
function reportIntro(report: Report): readonly Block[] {
  return [{ kind: "facts", facts: head(report) }, actionCards(report)];
}

/** What stands after the stages. */
export function reportNotes(report: Report, options: RenderOptions): readonly Block[] {
  const tables = report.stages.flatMap((stage) => stageTables(stage, options));
  return [
    ...[similarityLine(report), hiddenLine(report, tables)].flatMap((line) =>
      line === null ? [] : [{ kind: "paragraph", line } as const],
    ),
    ...section([span("Near misses")], ...list(...nearMissLines(options.nearMisses))),
    ...basis(report),
    ...section([span("Remarks")], ...list(...diagnosticLines(report))),
  ];
}
