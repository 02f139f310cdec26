import { STAGE_TITLE } from "../../model/framework.ts";
import type { RanksReport } from "../../model/ranks.ts";
import { arrange, pct, plain, type Shape, spread, us } from "../contract.ts";
import { list, tableMarkdown } from "../formats/markdown.ts";
import { inertJson } from "../inert.ts";
import { escapeMarkdown, lineMarkdown } from "../markdown-escape.ts";
import { type Line, span } from "../table.ts";
import { painter } from "../text/paint.ts";
import { tableText } from "../text/table-text.ts";
import { wrapLine } from "../text/wrap.ts";
import { ranksTables } from "./tables.ts";

export interface RanksRenderOptions {
  readonly width: number;
  readonly color: boolean;
}

type RanksRenderer = (report: RanksReport, options: RanksRenderOptions) => string;
export type RanksFormatName = "text" | "markdown" | "json";

/** The comparison in each format: pure, the text ends with one newline. */
export const RANKS_FORMATS: Readonly<Record<RanksFormatName, RanksRenderer>> = {
  text: renderText,
  markdown: renderMarkdown,
  json: renderJson,
};

function renderText(report: RanksReport, { width, color }: RanksRenderOptions): string {
  const paint = painter(color);
  const columns = Math.max(40, width);
  const paragraph = (line: Line): readonly string[] => wrapLine(line, columns).map(paint);
  const blocks: (readonly string[])[] = [
    paragraph([span(`${report.tool.name} ${report.tool.version}: ranks side by side`, "strong")]),
    traceLines(report).flatMap(paragraph),
  ];
  for (const stage of report.stages) {
    blocks.push(paragraph([span(`══ ${STAGE_TITLE[stage.stage]}`, "strong")]));
    for (const table of ranksTables(stage))
      blocks.push([
        paint([span(table.title, "strong")]),
        ...(table.rows.length === 0
          ? paragraph([span(table.empty, "dim")])
          : tableText(table, columns, paint)),
      ]);
  }
  const remarks = remarkLines(report);
  if (remarks.length > 0)
    blocks.push([paint([span("Remarks", "strong")]), ...remarks.flatMap(paragraph)]);
  blocks.push([paint([span("Summary", "strong")]), ...paragraph([span(report.summary)])]);
  return `${blocks
    .map((block) => block.join("\n"))
    .join("\n\n")
    .replace(/ +$/gm, "")}\n`;
}

function renderMarkdown(report: RanksReport): string {
  const remarks = remarkLines(report);
  const blocks = [
    `# ${escapeMarkdown(`${report.tool.name} ${report.tool.version}: ranks side by side`)}`,
    list(traceLines(report)),
    "## Summary",
    lineMarkdown([span(report.summary)]),
    ...report.stages.flatMap((stage) => [
      `## ${escapeMarkdown(STAGE_TITLE[stage.stage])}`,
      ...ranksTables(stage).flatMap((table) => [
        `### ${escapeMarkdown(table.title)}`,
        tableMarkdown(table),
      ]),
    ]),
    ...(remarks.length === 0 ? [] : ["## Remarks", list(remarks)]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function traceLines({ ranks }: RanksReport): Line[] {
  return ranks.map(({ label, paths, state }) => [
    span(`rank ${label}: `, "dim"),
    span(paths.join(", ")),
    ...(state === "complete" ? [] : [span(` (${state})`, "warn")]),
  ]);
}

function remarkLines({ remarks }: RanksReport): Line[] {
  return remarks.map(({ code, message }) => [span(`${code}: `, "dim"), span(message)]);
}

const CONTRACT: Shape<RanksReport> = {
  schemaVersion: plain,
  tool: { name: plain, version: plain },
  ranks: { each: { label: plain, rank: plain, paths: plain, state: plain, problem: plain } },
  stages: {
    each: {
      stage: plain,
      ranks: {
        each: {
          label: plain,
          steps: plain,
          step: spread,
          ownStep: spread,
          gpuTimeUs: us,
          busyUs: us,
          idleUs: us,
          computeUs: us,
          commUs: us,
          exposedCommUs: us,
          waitingUs: us,
        },
      },
      stragglers: {
        each: {
          label: plain,
          slowerByUs: us,
          slowerByPct: pct,
          noiseUs: us,
          losses: { each: { category: plain, kernel: plain, us } },
        },
      },
      collectives: {
        each: {
          kernel: plain,
          shortName: plain,
          category: plain,
          collective: plain,
          group: plain,
          matchedBy: plain,
          matched: plain,
          minUs: us,
          medianUs: us,
          maxUs: us,
          movingUs: us,
          waitingUs: us,
          ranks: {
            each: {
              label: plain,
              launches: plain,
              totalUs: us,
              waitingUs: us,
              waitingPct: pct,
              last: plain,
            },
          },
        },
      },
      leftOut: plain,
    },
  },
  summary: plain,
  remarks: { each: { code: plain, message: plain } },
};

function renderJson(report: RanksReport): string {
  return `${inertJson(JSON.stringify(arrange(report, CONTRACT), null, 2))}\n`;
}
