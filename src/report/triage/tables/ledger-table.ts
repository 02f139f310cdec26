import type { LedgerPart, LedgerReason, LedgerRow } from "../../../model/contracts/ledger.ts";
import type { StageReport } from "../../../model/contracts/report.ts";
import type { Block } from "../../document/block.ts";
import { counted, share, timeFormatFor, timeInWords } from "../../numbers.ts";
import { ALL_ROWS, type Cell, cell, left, NOTHING, right, span, type Table } from "../../table.ts";

/** Rows below this share of the step are added up in one; JSON has each. */
const LEAST_PCT = 1;

/** The parts as an engineer says them. */
export const PART_TITLE: Readonly<Record<LedgerPart, string>> = {
  compute: "computation",
  communication: "communication, exposed",
  copies: "copies and fills, exposed",
  host: "idle: host late with the launch",
  "host-pause": "idle: host elsewhere",
  sync: "idle: host waited for the GPU",
  "before-graph": "idle: before a graph launch",
  "graph-launch": "idle: graph launch",
  "in-graph": "idle: gaps in a graph",
  queued: "idle: launched already",
  "no-launch": "idle: launch not recorded",
  hole: "hole of the recording",
};

const REASON_TITLE: Readonly<Record<LedgerReason, string>> = {
  "at-limit": "at the GPU's limit",
  "above-limit": "above the limit",
  "no-model": "no model of the work",
  fusion: "a fusion would remove it",
  "small-kernels": "runs of small kernels",
  outlier: "outliers beyond the median",
  moving: "moving data",
  waiting: "waiting for other ranks",
};

/** Classes of the parts' colours on a page. */
const PART_COLOUR: Readonly<Record<LedgerPart, string>> = {
  compute: "busy",
  communication: "exposed",
  copies: "fam-memory",
  host: "idle-host-launch",
  "host-pause": "idle-host-pause",
  sync: "idle-synchronisation",
  "before-graph": "idle-graph-launch",
  "graph-launch": "idle-graph-launch",
  "in-graph": "idle-graph-launch",
  queued: "idle-other",
  "no-launch": "idle-other",
  hole: "idle-hole",
};

/** The ledger as a bar of its parts that opens into its rows. */
export function ledgerBar(stage: StageReport, title?: string): Block {
  const pctOf = new Map<LedgerPart, number>();
  // A hole is no part of the step: the bar is the rest.
  for (const { part, pct } of stage.ledger)
    if (part !== "hole") pctOf.set(part, (pctOf.get(part) ?? 0) + pct);
  const parts = [...pctOf].map(([part, pct]) => ({
    title: PART_TITLE[part],
    colour: PART_COLOUR[part],
    pct,
  }));
  const table = ledgerTable(stage);
  const holeUs = stage.ledger.reduce((sum, { part, us }) => (part === "hole" ? sum + us : sum), 0);
  const hole =
    holeUs === 0
      ? ""
      : ` (without a hole of the recording, ${timeInWords(holeUs)}, that is no step's)`;
  const heading = title ?? table.title;
  return { kind: "bar", heading: `${heading}${hole}`, parts, table: { ...table, title: heading } };
}

/** Where the step's time went; the rows add up to its wall time. */
function ledgerTable({ ledger, timeline }: StageReport): Table {
  const shown = ledger.filter(({ pct }) => pct >= LEAST_PCT);
  const rest = ledger.filter(({ pct }) => pct < LEAST_PCT);
  const time = timeFormatFor(timeline.totalUs);
  const sum = (rows: readonly LedgerRow[], key: "us" | "pct"): number =>
    rows.reduce((total, row) => total + row[key], 0);
  const rows = shown.map((row) => rowCells(row, time(row.us)));
  if (rest.length > 0)
    rows.push([
      cell(span(`${counted(rest.length, "row")} below ${share(LEAST_PCT)}`, "dim")),
      NOTHING,
      cell(span(time(sum(rest, "us")))),
      cell(span(share(sum(rest, "pct")))),
      NOTHING,
    ]);
  return {
    title: "Where the time goes",
    columns: [
      left("Part", { min: 24 }),
      left("What", { min: 24 }),
      right("Wall time"),
      right("Share"),
      left("Note", { min: 20, fold: "note" }),
    ],
    foldOrder: [4],
    rows,
    empty: "No GPU time.",
    cut: 0,
    brief: ALL_ROWS,
  };
}

function rowCells({ part, reason, what, pct, note }: LedgerRow, time: string): Cell[] {
  const why = reason === null ? null : REASON_TITLE[reason];
  const said = [what, why].filter((each) => each !== null).join(" — ");
  return [
    cell(span(PART_TITLE[part])),
    said === "" ? NOTHING : cell(span(said)),
    cell(span(time)),
    cell(span(part === "hole" ? `(${share(pct)})` : share(pct))),
    note === null ? NOTHING : cell(span(note, "dim")),
  ];
}
