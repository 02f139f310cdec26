import type { FuseRow, StageReport } from "../../../model/contracts/report.ts";
import { count, share, type TimeFormat, timeFormatFor } from "../../numbers.ts";
import {
  ALL_ROWS,
  type Cell,
  cell,
  firstLines,
  type Line,
  left,
  NOTHING,
  right,
  span,
  type Table,
  type Tone,
  withinLimit,
} from "../../table.ts";
import { pullRequest, sourceLine } from "./sources.ts";

/** Lines shown per cell; JSON has all. */
const MOST_EVIDENCE = 6;
const MOST_LOCATIONS = 3;
const MOST_SOURCES = 2;

const STATE_TONE: Record<FuseRow["state"], Tone> = {
  active: "good",
  partial: "warn",
  split: "bad",
};

export function fuseTable(stage: StageReport, limit: number | null): Table {
  const { shown, cut } = withinLimit(stage.fuse, limit);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
  return {
    title: "Fuse patterns",
    columns: [
      left("Pattern", { min: 34 }),
      left("State", { min: 13 }),
      right("Related GPU time"),
      right("Share"),
      right("At most saves", 13),
      left("Evidence kernels", { min: 56, fold: "kernels" }),
      left("Current location", { min: 26, fold: "now at" }),
      left("Fused path", { min: 40, fold: "fused by" }),
      left("Rationale", { min: 44, fold: "why" }),
    ],
    foldOrder: [8, 5, 7, 6],
    rows: shown.map((row) => fuseCells(row, time)),
    empty: "No fuse pattern of the rules is in this stage.",
    cut,
    brief: {
      ...ALL_ROWS,
      optional: new Set([6, 7]),
      quiet: new Set([...shown.keys()].filter((at) => shown[at]!.state === "active")),
    },
  };
}

function fuseCells(row: FuseRow, time: TimeFormat): readonly Cell[] {
  return [
    [[span(row.rule, "code"), span(" "), ...statusLine(row)]],
    stateCell(row),
    cell(span(time(row.relatedUs))),
    cell(span(share(row.sharePct), row.sharePct >= 10 ? "strong" : "plain")),
    savesCell(row, time),
    firstLines(
      row.evidence.map((item) => evidenceLine(item, time)),
      MOST_EVIDENCE,
    ),
    row.locations.length === 0
      ? NOTHING
      : firstLines(
          row.locations.map((location) => [span(location, "code")]),
          MOST_LOCATIONS,
        ),
    firstLines(row.sources.map(sourceLine), MOST_SOURCES),
    rationaleCell(row),
  ];
}

/** What the step gains, and what of it is idle time where that is not little. */
function savesCell({ saves, traffic }: FuseRow, time: TimeFormat): Cell {
  const { kernelUs, gapUs, pctOfStep } = saves;
  if (pctOfStep === 0) return cell(span("–", "dim"));
  const idle = gapUs > kernelUs ? ` (${time(gapUs)} idle)` : "";
  const most = [span(`≤ ${time(kernelUs + gapUs)}`), span(idle, "dim")];
  if (traffic === null || traffic.us === 0) return [most];
  const { bytes, us, told, of } = traffic;
  const part = told === of ? "" : ` at ${told} of ${of}`;
  return [most, [span(`${megabytes(bytes)} less moved${part}: ${time(us)}`, "dim")]];
}

const megabytes = (bytes: number): string =>
  bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

function statusLine(row: FuseRow): Line {
  const tone: Tone = row.status === "mainline" ? "dim" : "warn";
  return [
    span(row.status, tone),
    ...row.pr.flatMap((pr, at) => [span(at === 0 ? " " : ", "), span(pr, tone, pullRequest(pr))]),
    span(row.checked === null ? "" : `, checked ${row.checked}`, "dim"),
  ];
}

function stateCell(row: FuseRow): Cell {
  const tone = STATE_TONE[row.state];
  if (row.state !== "partial")
    return cell(span(`${row.state} ×${count(row.counts[row.state])}`, tone));
  const { active, partial, split } = row.counts;
  return [
    [span("partial", tone)],
    [span(`${share(row.coveragePct)} covered`, "dim")],
    [span(`${active} fused, ${partial} partly, ${split} split`, "dim")],
  ];
}

function evidenceLine(item: FuseRow["evidence"][number], time: TimeFormat): Line {
  return [
    span(`${item.step}: `, "dim"),
    span(item.kernel, "code"),
    span(` ×${count(item.launches)} ${time(item.totalUs)}`, "dim"),
  ];
}

function rationaleCell(row: FuseRow): Cell {
  const labelled: readonly (readonly [string, string | null])[] = [
    ["Do: ", row.advice],
    ["Switch: ", row.toggle],
    ["Assuming: ", row.assuming.length === 0 ? null : row.assuming.join(", ")],
    ["Also matches: ", row.alsoMatched.length === 0 ? null : row.alsoMatched.join(", ")],
  ];
  const told = labelled.flatMap(([label, text]) =>
    text === null
      ? []
      : [[span(label, "dim"), span(text, label === "Switch: " ? "code" : "plain")]],
  );
  // What to do stands first: in a terminal the line may end before the reason.
  const said = told.filter((_, at) => row.advice !== null && at === 0);
  return [
    ...said,
    [span(row.rationale === "" ? row.title : row.rationale)],
    ...told.slice(said.length),
  ];
}
