import type { OverlapRow, StageReport } from "../../../model/contracts/report.ts";
import { share, type TimeFormat, timeFormatFor } from "../../numbers.ts";
import {
  ALL_ROWS,
  type Cell,
  cell,
  firstLines,
  left,
  NOTHING,
  span,
  type Table,
  type Tone,
  withinLimit,
} from "../../table.ts";
import { sourceLine } from "./sources.ts";

const MOST_SOURCES = 2;
const RISK_TONE: Record<OverlapRow["dependencyRisk"], Tone> = {
  low: "good",
  unclear: "plain",
  high: "warn",
};

export function overlapTable(stage: StageReport, limit: number | null): Table {
  const { shown, cut } = withinLimit(stage.overlap, limit);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
  return {
    title: "Overlap opportunities",
    columns: [
      left("Priority"),
      left("Verdict", { min: 12 }),
      left("Kernel", { min: 20 }),
      left("Python scope", { min: 24, fold: "at" }),
      left("Formal signal", { min: null }),
      left("Dep risk"),
      left("Recommendation", { min: 40, fold: "do" }),
      left("Source", { min: 30, fold: "source" }),
    ],
    foldOrder: [7, 6, 3],
    rows: shown.map((row) => overlapCells(row, time)),
    empty: "No kernel of this stage has overlap headroom worth a row.",
    cut,
    brief: { ...ALL_ROWS, optional: new Set([3, 7]) },
    note: shown.length === 0 ? undefined : WORDS,
  };
}

/** The table's own words, for who meets them here. */
const WORDS =
  "P1 to P3: what to try first. Headroom: time that other work could hide. Formal signal: time of the kernel, and how much of it ran hidden behind other work and alone.";

function overlapCells(row: OverlapRow, time: TimeFormat): readonly Cell[] {
  return [
    cell(span(row.priority ?? "–", row.priority === null ? "dim" : "strong")),
    cell(span(row.verdict)),
    [[span(row.kernel, "code")], [span(row.category, "dim")]],
    row.location === null ? NOTHING : cell(span(row.location, "code")),
    [
      [span(`${time(row.totalUs)}, ${share(row.sharePct)}`)],
      [span(`hidden ${share(row.hiddenPct)}, alone ${share(row.exclusivePct)}`, "dim")],
    ],
    cell(span(row.dependencyRisk, RISK_TONE[row.dependencyRisk])),
    row.rationale === ""
      ? cell(span(row.recommendation))
      : [[span(row.recommendation)], [span(row.rationale, "dim")]],
    sourceCell(row),
  ];
}

function sourceCell(row: OverlapRow): Cell {
  if (row.rule === null) return cell(span("this trace's timeline", "dim"));
  const status = row.status === null ? "" : ` (${row.status})`;
  return [
    [span(row.rule, "code"), span(status, "dim")],
    ...firstLines(row.sources.map(sourceLine), MOST_SOURCES),
  ];
}
