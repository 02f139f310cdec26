import type { PipelineStage } from "../../model/contracts/ranks.ts";
import { percent, toUs } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";
import type { MatchedTransfer } from "./collectives/match-transfers.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import type { RankSums } from "./rank-sums.ts";

/** By rank: its place in the pipeline; all 0 where nothing is sent from rank to rank. */
export function pipelinePlaces(
  ranks: readonly LabelledStage[],
  transfers: readonly MatchedTransfer[],
): readonly number[] {
  const places = ranks.map(() => 0);
  // What the last stage sends back to the first is no step forward.
  const forward = transfers.filter(({ from, to }) => to > from);
  for (const { from, to } of [...forward].sort((a, b) => a.from - b.from || a.to - b.to))
    places[to] = Math.max(places[to]!, places[from]! + 1);
  return places;
}

/** How long each pipeline stage works on a step, and how long it waits for the others. */
export function pipelineStages(
  ranks: readonly LabelledStage[],
  places: readonly number[],
  sums: RankSums,
): PipelineStage[] {
  const last = Math.max(...places);
  if (last === 0) return [];
  return Array.from({ length: last + 1 }, (_, place): PipelineStage => {
    const own = ranks.flatMap((_, rank) => (places[rank] === place ? [rank] : []));
    const works = own.map((rank) => medianOf(workTimes(ranks[rank]!, sums.waitingByStep[rank]!)));
    const steps = own.map((rank) => medianOf(ranks[rank]!.measure.steps.duration));
    // The others of a stage wait for its slowest.
    const [work, step] = [Math.max(...works), medianOf(steps)];
    const bubble = Math.max(0, step - work);
    return {
      stage: place,
      labels: own.map((rank) => ranks[rank]!.label),
      workUs: toUs(work),
      bubbleUs: toUs(bubble),
      bubblePct: percent(bubble, step),
    };
  });
}

/** A step's busy time without waiting for other ranks. */
function workTimes({ measure: { steps } }: LabelledStage, waiting: Float64Array) {
  return steps.busy.map((busy, at) => busy - Math.min(waiting[at]!, steps.exposedComm[at]!));
}
