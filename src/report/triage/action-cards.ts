import { type Action, REACHED_PCT } from "../../model/contracts/action.ts";
import type { Report, StageReport } from "../../model/contracts/report.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { percent } from "../../model/trace/units.ts";
import type { Block, Card } from "../document/block.ts";
import { share, timesInWords } from "../numbers.ts";
import { cell, firstLines, type Line, span } from "../table.ts";
import { sourceLine } from "./tables/sources.ts";

const MOST_PLACES = 3;
const MOST_SOURCES = 1;

const PROOF: Readonly<Record<Action["proof"], string>> = {
  trace: "re-timed from this trace",
  model: "from a model of the work",
  assumed: "on an assumption",
};

/** What to do first, best first: it heads every format. */
export function actionCards({ actions, stages }: Report): Block {
  const isOne = stages.length < 2;
  return {
    kind: "cards",
    title: "What to do first",
    cards: actions.map((action, at) =>
      actionCard(action, {
        isOneStage: isOne,
        isFirst: at === 0,
        after: actions.findIndex(({ id }) => id === action.after) + 1,
      }),
    ),
    empty: nothingFound(stages),
  };
}

/** From this share of unknown work on "nothing" is no answer. */
const MUCH_UNKNOWN_PCT = 50;

/** That nothing was found, and how much of the work it says nothing about. */
function nothingFound(stages: readonly StageReport[]): string {
  const gpuUs = stages.reduce((sum, { timeline }) => sum + timeline.gpuTimeUs, 0);
  const knownUs = stages.reduce((sum, { limits }) => sum + limits.modelledUs, 0);
  const unknown = percent(gpuUs - knownUs, gpuUs);
  const found = "Nothing that this trace shows would make its steps half a percent shorter";
  return unknown < MUCH_UNKNOWN_PCT
    ? `${found}.`
    : `${found}; the work of ${share(unknown)} of its GPU time is not known, nor how far that is from the limit.`;
}

/** Where a card stands among the others. */
interface Place {
  readonly isOneStage: boolean;
  readonly isFirst: boolean;
  /** Number of the action that must be done before, 0 where there is none or it is not shown. */
  readonly after: number;
}

function actionCard(action: Action, { isOneStage, isFirst, after }: Place): Card {
  const { where, toggle, proof, assuming, sources } = action;
  const stage = isOneStage ? [] : [span(`${STAGE_TITLE[action.stage]}: `, "dim")];
  const switched: Line =
    toggle === null ? [] : [span("Switch: ", "dim"), span(toggle, "code"), span(". ")];
  const places =
    where.length === 0
      ? []
      : [{ label: "At", cell: firstLines(where.map(placeLine), MOST_PLACES) }];
  return {
    id: action.id,
    heading: [...stage, span(action.title, "strong")],
    figure: figure(action, after),
    facts: [
      { label: "Do", cell: [[...switched, span(action.do)]] },
      // The fuse table tells where its kernels are launched; what comes first says so itself.
      ...(action.rule === null || isFirst ? places : []),
    ],
    more: [
      ...(action.rule === null || isFirst ? [] : places),
      {
        label: "Sure",
        cell: cell(
          span(PROOF[proof]),
          span(assuming.length === 0 ? "" : `, assuming ${assuming.join(", ")}`, "warn"),
        ),
      },
      { label: "Id", cell: cell(span(action.id, "code")) },
      ...(sources.length === 0
        ? []
        : [{ label: "Source", cell: sources.slice(0, MOST_SOURCES).map(sourceLine) }]),
    ],
  };
}

function placeLine(place: string): Line {
  const [, path = place, rest = ""] = /^(\S+)(.*)$/.exec(place) ?? [];
  return [span(path, "code"), span(rest)];
}

/** From this much more GPU time on than the step gains, in parts of it, the difference is told. */
const MORE_GPU_TIME = 1.1;

/** What it saves at most, the parts where there are two, and what limits it. */
function figure(action: Action, after: number): Line {
  const { kind, saves, after: id } = action;
  const { kernelUs, gapUs, pctOfStep } = saves;
  if (pctOfStep === 0)
    return [span(kind === "recording" ? "to know first" : "saving not known", "dim")];
  const time = timesInWords(kernelUs + gapUs);
  const then = id === null ? "" : after > 0 ? ` once ${after} is done` : " once the host keeps up";
  const more = [
    ...(gapUs > 0 && kernelUs > 0 ? [`${time(gapUs)} idle`] : []),
    ...(kind === "limit" && action.likelyUs < kernelUs + gapUs
      ? [`${time(action.likelyUs)} down to ${REACHED_PCT}% of the limit`]
      : []),
    ...(action.evidence.gpuUs > MORE_GPU_TIME * (kernelUs + gapUs)
      ? [`${time(action.evidence.gpuUs)} of GPU time go`]
      : []),
  ];
  return [
    span(`≤ ${time(kernelUs + gapUs)}`, "strong"),
    span(`, ${share(pctOfStep)} of the step${then}`),
    span(kernelUs === 0 ? ", idle time" : more.length === 0 ? "" : ` (${more.join(", ")})`, "dim"),
  ];
}
