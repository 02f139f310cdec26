import type { StageReport } from "../../../model/contracts/report.ts";
import type { WorkRow } from "../../../model/contracts/work-row.ts";
import { count, GLUE, type TimeFormat, timeFormatFor } from "../../numbers.ts";
import type { RowOrder } from "../../renderer.ts";
import { type Cell, cell, left, right, span, type Table, withinLimit } from "../../table.ts";
import { limitSpan, rateText } from "./limit-words.ts";

/** Longer argument lists are in JSON. */
const LONGEST_DIMS = 90;

/** Ops and shapes against the limit of their machine, most time first or most headroom first. */
export function workTable(stage: StageReport, limit: number | null, sort: RowOrder): Table {
  const { shown, cut } = withinLimit(inOrder(stage.work, sort), limit);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
  return {
    title: "Work by op and shape",
    columns: [
      left("Op", { min: 24 }),
      left("Shapes", { min: 30, fold: "of" }),
      right("Calls"),
      right(`GPU${GLUE}time`),
      right("TFLOP/s"),
      right("TB/s"),
      right(`Of${GLUE}limit`),
      right("Headroom"),
      left("Assuming", { min: 20, fold: "assuming" }),
    ],
    foldOrder: [8, 1],
    rows: shown.map((row) => workCells(row, time)),
    empty: "Of no op the work is known.",
    cut,
  };
}

function inOrder(rows: readonly WorkRow[], sort: RowOrder): readonly WorkRow[] {
  if (sort === "time") return rows;
  return rows.toSorted((a, b) => (b.headroomUs ?? -1) - (a.headroomUs ?? -1));
}

function workCells(row: WorkRow, time: TimeFormat): readonly Cell[] {
  const from = row.shapesFrom === "op" ? "" : ` (from the ${row.shapesFrom})`;
  return [
    cell(span(row.op, "code")),
    cell(span(clipped(row.dims)), span(from, "dim")),
    cell(span(count(row.count))),
    cell(span(time(row.kernelUs))),
    cell(span(row.flop === 0 ? "–" : rateText(row.tflops))),
    cell(span(rateText(row.tbps))),
    cell(limitSpan(row)),
    cell(span(headroom(row, time))),
    cell(span(row.assuming.join("; "), "dim")),
  ];
}

function headroom({ headroomUs, atLeast }: WorkRow, time: TimeFormat): string {
  if (headroomUs === null) return "–";
  return `${atLeast ? "≤ " : ""}${time(Math.max(0, headroomUs))}`;
}

/** Arguments without sizes say nothing here. */
function clipped(dims: string): string {
  const sizes = dims
    .replace(/(?:,\[\])+(?=\])/g, "")
    .replaceAll(",", "×")
    .replaceAll("]×[", "], [");
  return sizes.length <= LONGEST_DIMS ? sizes : `${sizes.slice(0, LONGEST_DIMS - 1)}…`;
}
