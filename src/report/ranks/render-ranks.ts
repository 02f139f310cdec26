import { STAGE_TITLE } from "../../model/framework.ts";
import type { RanksReport } from "../../model/ranks.ts";
import { arrange, pct, plain, type Shape, spread, us } from "../contract.ts";
import { list, tableMarkdown } from "../formats/markdown.ts";
import { inertJson } from "../inert.ts";
import { escapeMarkdown, lineMarkdown } from "../markdown-escape.ts";
import { type Line, span } from "../table.ts";
import { joinBlocks, pageOf, paragraph, strong, tableBlock } from "../text/page.ts";
import { ranksTables } from "./tables.ts";

interface RanksRenderOptions {
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

function renderText(report: RanksReport, options: RanksRenderOptions): string {
  const page = pageOf(options);
  const lines = (all: readonly Line[]): string[] => all.flatMap((line) => paragraph(line, page));
  const remarks = remarkLines(report);
  return joinBlocks([
    lines([[span(titleOf(report), "strong")]]),
    lines(traceLines(report)),
    ...report.stages.flatMap((stage) => [
      lines([[span(`══ ${STAGE_TITLE[stage.stage]}`, "strong")]]),
      ...ranksTables(stage).map((table) => tableBlock(table, page)),
    ]),
    remarks.length === 0 ? [] : [strong("Remarks", page), ...lines(remarks)],
    [strong("Summary", page), ...lines([[span(report.summary)]])],
  ]);
}

function renderMarkdown(report: RanksReport): string {
  const remarks = remarkLines(report);
  const blocks = [
    `# ${escapeMarkdown(titleOf(report))}`,
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

function titleOf({ tool }: RanksReport): string {
  return `${tool.name} ${tool.version}: ranks side by side`;
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
          batch: plain,
          perStep: {
            gpuTimeUs: us,
            busyUs: us,
            idleUs: us,
            computeUs: us,
            commUs: us,
            exposedCommUs: us,
            waitingUs: us,
          },
        },
      },
      notJudged: plain,
      stragglers: {
        each: {
          label: plain,
          waitedForIn: plain,
          batch: plain,
          slowerByUs: us,
          slowerByPct: pct,
          noiseUs: us,
          losses: { each: { category: plain, kernel: plain, us } },
        },
      },
      slowGroups: {
        each: {
          labels: plain,
          kernel: plain,
          collective: plain,
          longerUs: us,
          usualUs: us,
          perStepUs: us,
        },
      },
      imbalances: {
        each: {
          kernel: plain,
          collective: plain,
          waitingPct: pct,
          perStepUs: us,
          last: { each: { label: plain, times: plain } },
          cause: plain,
        },
      },
      pipeline: {
        each: { stage: plain, labels: plain, workUs: us, bubbleUs: us, bubblePct: pct },
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
      transfers: {
        each: {
          kernel: plain,
          from: plain,
          to: plain,
          matched: plain,
          movingUs: us,
          senderWaitsUs: us,
          receiverWaitsUs: us,
        },
      },
      leftOut: { each: { kernel: plain, label: plain, us, why: plain } },
    },
  },
  summary: plain,
  remarks: { each: { code: plain, message: plain } },
};

function renderJson(report: RanksReport): string {
  return `${inertJson(JSON.stringify(arrange(report, CONTRACT), null, 2))}\n`;
}
