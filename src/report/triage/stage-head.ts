import { withoutHolesUs } from "../../model/contracts/launch-bound.ts";
import type { IdleCause, StageReport } from "../../model/contracts/report.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { percent } from "../../model/trace/units.ts";
import { count, counted, share, timeInWords, timesInWords } from "../numbers.ts";
import { type Line, span } from "../table.ts";
import { layerLines } from "./layer-line.ts";

export const CAUSE_TITLE: Record<IdleCause, string> = {
  "host-launch": "waiting for the host to launch",
  "host-pause": "waiting while the host does something else",
  synchronisation: "synchronisation",
  "graph-launch": "graph launch",
  hole: "unexplained hole",
  other: "other causes",
};

/** "decode" and how it was told. */
export function stageTitle(stage: StageReport): Line {
  const told =
    stage.steps === 0 ? stage.stageFrom : `${counted(stage.steps, "step")}, ${stage.stageFrom}`;
  return [span(STAGE_TITLE[stage.stage], "strong"), span(` (${told})`, "dim")];
}

/** What the step works on, its time, what ran, and the layer that repeats. */
export function stageHead(stage: StageReport): readonly Line[] {
  return [
    stepLine(stage),
    busyLine(stage),
    apartLine(stage),
    workLine(stage),
    phaseLine(stage),
    ...limitLines(stage),
    ...layerLines(stage),
  ].filter((line) => line.length > 0);
}

/** The step in a line: "1 context (888 tokens), 37 generation, eager". */
function stepLine({ requests }: StageReport): Line {
  const { context, contextTokens, generation, batch, graphs, phase } = requests;
  const tokens = contextTokens === null ? "" : ` (${counted(contextTokens, "token")})`;
  const isSplit = context !== null || generation !== null;
  const parts = [
    ...(context === null || context === 0 ? [] : [`${count(context)} context${tokens}`]),
    ...(generation === null || generation === 0 ? [] : [`${count(generation)} generation`]),
    ...(batch === null || (isSplit && batch === (context ?? 0) + (generation ?? 0))
      ? []
      : [`bs ${count(batch)}`]),
    ...(graphs === null ? [] : [graphs ? "replayed from graphs" : "eager (no graph)"]),
    ...(phase === null ? [] : [phase]),
  ];
  return parts.length === 0 ? [] : [span("A step: ", "dim"), span(parts.join(", "))];
}

function busyLine({ timeline }: StageReport): Line {
  if (timeline.totalUs === 0) return [span("No GPU time.", "dim")];
  const totalUs = withoutHolesUs(timeline);
  const holeUs = timeline.totalUs - totalUs;
  const idleUs = timeline.idleUs - holeUs;
  const idlePct = percent(idleUs, totalUs);
  const time = timesInWords(totalUs);
  return [
    span("GPU busy ", "dim"),
    span(`${time(timeline.busyUs)} of ${time(totalUs)}`, "strong"),
    span(` (${share(percent(timeline.busyUs, totalUs))})`, "dim"),
    span(", idle ", "dim"),
    span(`${time(idleUs)} (${share(idlePct)})`, idlePct > 30 ? "warn" : "plain"),
    span(holeUs === 0 ? "" : `; besides a hole of the recording of ${time(holeUs)}`, "dim"),
  ];
}

/** Steps that decide no verdict, and why. */
function apartLine({ timeline: { apart } }: StageReport): Line {
  if (apart === null) return [];
  const longest = Math.max(...apart.steps.map(({ us }) => us));
  const time = timesInWords(longest);
  const numbers = apart.steps.map(({ number }) => number).join(", ");
  return [
    span(`Set apart: step ${numbers} of ${apart.of}`, "warn"),
    span(
      ` took ${time(longest)} where ${time(apart.usualUs)} is usual; what is said of waiting leaves it out`,
      "dim",
    ),
  ];
}

function workLine({ timeline }: StageReport): Line {
  if (timeline.gpuTimeUs === 0) return [];
  const time = timesInWords(timeline.gpuTimeUs);
  const exposed = (part: number, whole: number): string =>
    part === whole ? "all exposed" : `${time(part)} exposed`;
  const parts = [`compute ${time(timeline.computeUs)}`];
  parts.push(
    timeline.commUs > 0
      ? `communication ${time(timeline.commUs)} (${exposed(timeline.exposedCommUs, timeline.commUs)})`
      : "no communication",
  );
  parts.push(
    timeline.memoryUs > 0
      ? `copies and fills ${time(timeline.memoryUs)} (${exposed(timeline.exposedMemoryUs, timeline.memoryUs)})`
      : "no copies or fills",
  );
  return [span(`${parts.join(" · ")} · GPU time `, "dim"), span(time(timeline.gpuTimeUs))];
}

/** Less than this share of bounds among the figures needs no word. */
const LEAST_BOUNDED = 0.01;
/** Less than this share without a figure needs no word. */
const LEAST_UNKNOWN_PCT = 3;
const MOST_REASONS = 3;

/** How far the kernels are from what their GPU can do, and what there is no figure for. */
function limitLines({ limits, timeline, work }: StageReport): readonly Line[] {
  const { machine, modelledPct, modelledUs, floorUs, timesFloor, contradictions } = limits;
  const { atLeastUs } = limits;
  const bounded = atLeastUs >= LEAST_BOUNDED * modelledUs && atLeastUs > 0;
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
      span(`${bounded ? "at most " : ""}${timesFloor.toFixed(1)} times their floor`, "strong"),
      span(
        ` (of ${share(modelledPct)} of GPU time the work is known${bounded ? `, of ${timeInWords(atLeastUs)} only in part` : ""})`,
        "dim",
      ),
    ]);
  if (limits.unmodelled.length > 0 && 100 - modelledPct >= LEAST_UNKNOWN_PCT)
    lines.push([span(`  no limit: ${reasons(limits.unmodelled, timeline.gpuTimeUs)}`, "dim")]);
  const waiting = waitingLine(limits.collectives);
  if (waiting !== null) lines.push(waiting);
  if (contradictions > 0) lines.push(contradictionLine(work));
  return lines;
}

/** Contradictions that are written out, by time; the table of ops and shapes has all of them. */
const MOST_CONTRADICTIONS = 2;

/** What is above 100 %: what a cache explains, and the inputs of what nothing explains. */
function contradictionLine(work: StageReport["work"]): Line {
  const above = work.filter(({ pctOfLimit }) => pctOfLimit !== null && pctOfLimit > 100);
  const unexplained = above.filter(({ fitsCache }) => !fitsCache);
  const cached = above.length - unexplained.length;
  const parts = [
    ...(cached === 0 ? [] : [`${cached} move no more than the last cache holds`]),
    ...unexplained
      .slice(0, MOST_CONTRADICTIONS)
      .map(
        ({ op, dims, pctOfLimit, boundBy, flop, bytes, assuming }) =>
          `${op} ${clippedDims(dims)} at ${pctOfLimit!.toFixed(0)}% of ${boundBy} (${flop.toPrecision(4)} FLOP, ${bytes.toPrecision(4)} B) contradicts ${assuming.length === 0 ? "its model, a shape or the peak" : `that ${assuming.join(" or that ")}`}`,
      ),
  ];
  if (unexplained.length > MOST_CONTRADICTIONS) parts.push("others");
  return [
    span(`  ${counted(above.length, "op and shape")} above 100%: ${parts.join("; ")}`, "dim"),
  ];
}

const LONGEST_DIMS = 48;
const clippedDims = (dims: string): string =>
  dims.length <= LONGEST_DIMS ? dims : `${dims.slice(0, LONGEST_DIMS - 1)}…`;

/** Collectives this often longer than their messages need wait rather than move. */
const MOSTLY_WAITING = 4;

/** What of the collectives' time no link explains: waiting for peers, and latency. */
function waitingLine(collectives: StageReport["limits"]["collectives"]): Line | null {
  if (collectives === null || collectives.floorUs === null) return null;
  const { us, floorUs } = collectives;
  if (us < MOSTLY_WAITING * floorUs) return null;
  return [
    span(
      `  collectives take ${timeInWords(us)}, their messages need ${timeInWords(floorUs)} of the link: the rest is waiting for other GPUs, and latency`,
      "dim",
    ),
  ];
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
