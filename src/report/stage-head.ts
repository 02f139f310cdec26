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
    ...limitLines(stage),
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

/** Less than this share without a figure needs no word. */
const LEAST_UNKNOWN_PCT = 3;
const MOST_REASONS = 3;

/** How far the kernels are from what their GPU can do, and what there is no figure for. */
function limitLines({ limits, timeline }: StageReport): readonly Line[] {
  const { machine, modelledPct, modelledUs, floorUs, timesFloor, contradictions } = limits;
  if (timeline.gpuTimeUs === 0) return [];
  const lines: Line[] = [];
  if (machine === null && modelledUs > 0)
    lines.push([
      span("Which GPU this is was not told: no limits; give --gpu NAME or a file", "warn"),
    ]);
  if (timesFloor !== null && floorUs !== null)
    lines.push([
      span(`Kernels take ${timeInWords(modelledUs)}, on ${machine} at least `, "dim"),
      span(timeInWords(floorUs)),
      span(": ", "dim"),
      span(`${timesFloor.toFixed(1)} times their floor`, "strong"),
      span(` (of ${share(modelledPct)} of GPU time the work is known)`, "dim"),
    ]);
  if (limits.unmodelled.length > 0 && 100 - modelledPct >= LEAST_UNKNOWN_PCT)
    lines.push([span(`  no limit: ${reasons(limits.unmodelled, timeline.gpuTimeUs)}`, "dim")]);
  if (contradictions > 0)
    lines.push([
      span(
        `  ${counted(contradictions, "op and shape")} above 100%: data in a cache, or a wrong model, shape or peak`,
        "dim",
      ),
    ]);
  return lines;
}

function reasons(all: StageReport["limits"]["unmodelled"], gpuTimeUs: number): string {
  const words = all
    .slice(0, MOST_REASONS)
    .map(({ why, us }) => `${why} (${share(percent(us, gpuTimeUs))})`);
  return [...words, ...(all.length > MOST_REASONS ? ["others"] : [])].join("; ");
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
