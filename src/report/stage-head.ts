import { STAGE_TITLE } from "../model/framework.ts";
import type { IdleCause, StageReport } from "../model/report.ts";
import { percent } from "../model/units.ts";
import { counted, share, timeInWords } from "./numbers.ts";
import { type Line, span } from "./table.ts";

export const CAUSE_TITLE: Record<IdleCause, string> = {
  "host-launch": "waiting for the host to launch",
  "host-pause": "waiting while the host does something else",
  synchronisation: "synchronisation",
  "graph-launch": "graph launch",
  hole: "unexplained hole",
  other: "other causes",
};

/** Idle causes below this share of the window are noise to a reader; JSON has them. */
const LEAST_IDLE_PCT = 0.1;

/** "decode" and how it was told. */
export function stageTitle(stage: StageReport): Line {
  const told =
    stage.steps === 0 ? stage.stageFrom : `${counted(stage.steps, "step")}, ${stage.stageFrom}`;
  return [span(STAGE_TITLE[stage.stage], "strong"), span(` (${told})`, "dim")];
}

/** The stage's time in three sentences: busy and idle, what ran, which layers repeat. */
export function stageHead(stage: StageReport): readonly Line[] {
  return [
    busyLine(stage),
    ...idleLines(stage),
    workLine(stage),
    phaseLine(stage),
    layerLine(stage),
  ].filter((line) => line.length > 0);
}

function busyLine({ timeline }: StageReport): Line {
  if (timeline.totalUs === 0) return [span("No GPU time.", "dim")];
  const idlePct = percent(timeline.idleUs, timeline.totalUs);
  return [
    span("GPU busy ", "dim"),
    span(`${timeInWords(timeline.busyUs)} of ${timeInWords(timeline.totalUs)}`, "strong"),
    span(` (${share(percent(timeline.busyUs, timeline.totalUs))})`, "dim"),
    span(", idle ", "dim"),
    span(`${timeInWords(timeline.idleUs)} (${share(idlePct)})`, idlePct > 30 ? "warn" : "plain"),
  ];
}

function idleLines({ timeline }: StageReport): readonly Line[] {
  return timeline.idleCauses
    .filter(({ us }) => percent(us, timeline.totalUs) >= LEAST_IDLE_PCT)
    .map(({ cause, us, note }) => [
      span("  idle: ", "dim"),
      span(`${CAUSE_TITLE[cause]} ${timeInWords(us)} (${share(percent(us, timeline.totalUs))})`),
      span(note === null ? "" : ` — ${note}`, "dim"),
    ]);
}

function workLine({ timeline }: StageReport): Line {
  if (timeline.gpuTimeUs === 0) return [];
  const parts = [`compute ${timeInWords(timeline.computeUs)}`];
  parts.push(
    timeline.commUs > 0
      ? `communication ${timeInWords(timeline.commUs)} (${timeInWords(timeline.exposedCommUs)} exposed)`
      : "no communication",
  );
  parts.push(
    timeline.memoryUs > 0
      ? `copies and fills ${timeInWords(timeline.memoryUs)} (${timeInWords(timeline.exposedMemoryUs)} exposed)`
      : "no copies or fills",
  );
  return [span(`${parts.join(" · ")} · GPU time `, "dim"), span(timeInWords(timeline.gpuTimeUs))];
}

function phaseLine({ phases }: StageReport): Line {
  if (phases.length === 0) return [];
  const parts = phases.map(
    ({ phase, steps, duration, gpuTimeUs }) =>
      `${phase} ${counted(steps, "step")} of ${timeInWords(duration.medianUs)} (GPU time ${timeInWords(gpuTimeUs)})`,
  );
  return [span(`${parts.join(" · ")}`, "dim")];
}

function layerLine({ layers }: StageReport): Line {
  if (layers === null) return [];
  return [
    span(
      `${counted(layers.count, "layer")} of ${counted(layers.period, "kernel")} repeat (${share(100 * layers.matchRatio)} alike)`,
      "dim",
    ),
  ];
}
