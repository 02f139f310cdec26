import type { Action } from "../../model/action.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import type { Report } from "../../model/report.ts";
import { share, timeInWords } from "../numbers.ts";
import { type Cell, cell, type Line, left, NOTHING, right, span, type Table } from "../table.ts";
import { sourceLine } from "./sources.ts";

const MOST_SOURCES = 2;

const PROOF: Readonly<Record<Action["proof"], string>> = {
  trace: "re-timed from this trace",
  model: "from a model of the work",
  assumed: "on an assumption",
};

/** What to do first, best first: it heads every format. */
export function actionsTable({ actions, stages, hiddenRows }: Report): Table {
  const isOne = stages.length < 2;
  return {
    title: "What to do first",
    columns: [
      right("#"),
      left("Action", { min: 40 }),
      right("Saves at most"),
      right("Of step"),
      left("Do", { min: 40, fold: "do" }),
      left("Where", { min: 40, fold: "at" }),
      left("How sure", { min: 30, fold: "sure" }),
      left("Fused by", { min: 40, fold: "source" }),
    ],
    foldOrder: [7, 6, 5, 4],
    rows: actions.map((action, at) => actionCells(action, at, isOne)),
    empty: "Nothing in this trace would make its steps one percent shorter.",
    cut: hiddenRows.actions,
  };
}

function actionCells(action: Action, at: number, isOneStage: boolean): readonly Cell[] {
  const { kernelUs, gapUs, pctOfStep } = action.saves;
  const stage = isOneStage ? [] : [span(`${STAGE_TITLE[action.stage]}: `, "dim")];
  return [
    cell(span(String(at + 1), "dim")),
    [[...stage, span(action.title, "strong")], [span(action.kind, "dim")]],
    pctOfStep === 0 ? NOTHING : cell(span(timeInWords(kernelUs + gapUs))),
    pctOfStep === 0 ? NOTHING : cell(span(share(pctOfStep))),
    [[span(action.do)], ...toggleLine(action)],
    action.where.length === 0 ? NOTHING : action.where.map((place) => [span(place, "code")]),
    [[span(PROOF[action.proof]), span(partsText(kernelUs, gapUs), "dim")], ...assumingLine(action)],
    action.sources.length === 0 ? NOTHING : action.sources.slice(0, MOST_SOURCES).map(sourceLine),
  ];
}

function toggleLine({ toggle }: Action): readonly Line[] {
  return toggle === null ? [] : [[span("Switch: ", "dim"), span(toggle, "code")]];
}

function assumingLine({ assuming }: Action): readonly Line[] {
  return assuming.length === 0 ? [] : [[span(`assuming ${assuming.join(", ")}`, "warn")]];
}

/** Both parts where there are two: kernels gone or shortened, and idle time gone. */
function partsText(kernelUs: number, gapUs: number): string {
  if (kernelUs === 0) return ": idle time";
  return gapUs === 0
    ? ": kernels"
    : `: ${timeInWords(kernelUs)} kernels, ${timeInWords(gapUs)} idle time`;
}
