import type { LeftOut, RankRow, RanksStage } from "../../model/contracts/ranks.ts";
import { STEPS_TO_DROP_FIRST } from "../../model/contracts/report.ts";
import { STAGES, type StageName } from "../../model/framework.ts";
import { toUs } from "../../model/units.ts";
import { COMMUNICATION_CATEGORIES } from "../overlap/work-kind.ts";
import { medianOf, spreadOf } from "../spread.ts";
import { matchCollectives } from "./collectives/match-collectives.ts";
import { matchTransfers } from "./collectives/match-transfers.ts";
import { imbalances } from "./imbalance.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import { pipelinePlaces, pipelineStages } from "./pipeline-stages.ts";
import type { RankMeasure } from "./rank-measure.ts";
import { RankSums } from "./rank-sums.ts";
import { slowGroups } from "./slow-groups.ts";
import { stragglers } from "./stragglers.ts";
import { whyNotJudged } from "./why-not-judged.ts";

/** One rank under the name tables give it. */
export interface LabelledRank {
  readonly label: string;
  readonly measure: RankMeasure;
}

/**
 * Ranks side by side, by stage in report order; stages that fewer than two ranks have are shown, too.
 *
 * @param doubt why the ranks are no run of one job; null when they are.
 */
export function stagesSideBySide(
  ranks: readonly LabelledRank[],
  doubt: string | null,
): RanksStage[] {
  return STAGES.flatMap((stage) => {
    const present = ranks.flatMap(({ label, measure }): LabelledStage[] => {
      const own = measure.stages.find((one) => one.stage === stage);
      const { rank, groups, damage } = measure;
      return own === undefined
        ? []
        : [{ label, rank, groups, measure: own, isComplete: damage === null }];
    });
    return present.length === 0 ? [] : [compareStage(stage, present, doubt)];
  });
}

function compareStage(
  stage: StageName,
  ranks: readonly LabelledStage[],
  doubt: string | null,
): RanksStage {
  const sums = new RankSums(ranks);
  const { collectives, leftOut } = matchCollectives(ranks, sums);
  const { transfers, leftOut: alone } = matchTransfers(ranks, sums);
  const own = ranks.map((rank, at) => ownTimes(rank, sums.waitingByStep[at]!));
  const places = pipelinePlaces(ranks, transfers);
  const groups = slowGroups(ranks, collectives);
  const notJudged = doubt ?? whyNotJudged(ranks, sums);
  return {
    stage,
    ranks: ranks.map((rank, at) => rankRow(rank, own[at]!, sums, at)),
    notJudged,
    stragglers:
      notJudged === null ? stragglers({ ranks, own, sums, places, groups, collectives }) : [],
    slowGroups: groups.map(({ row }) => row),
    imbalances: imbalances(ranks, collectives),
    pipeline: pipelineStages(ranks, places, sums),
    collectives: collectives.map(({ row }) => row),
    transfers: transfers.map(({ row }) => row),
    leftOut: [...leftOut, ...alone, ...ranks.flatMap(unclear)],
  };
}

function unclear({ label, measure }: LabelledStage): LeftOut[] {
  return measure.unclear.map(({ shortName, ns }) => ({
    kernel: shortName,
    label,
    us: toUs(ns),
    why: "nothing recorded says which collective it is, or whether it is point-to-point",
  }));
}

/** What a step takes without waiting; waiting that computation hides costs the step nothing. */
function ownTimes({ measure: { steps } }: LabelledStage, waiting: Float64Array): Float64Array {
  return steps.duration.map((ns, at) => ns - Math.min(waiting[at]!, steps.exposedComm[at]!));
}

function rankRow(
  { label, measure }: LabelledStage,
  own: Float64Array,
  sums: RankSums,
  rank: number,
): RankRow {
  const { timeline, steps, requests, categories } = measure;
  const hasSteps = own.length > 0;
  // How long the GPU waited for the first step is not in the trace.
  const whole = (times: Float64Array) =>
    times.length < STEPS_TO_DROP_FIRST ? times.slice() : times.slice(1);
  const median = (times: Float64Array) => toUs(medianOf(times));
  const comm = new Float64Array(steps.count);
  const memory = categories.get("memory") ?? new Float64Array(steps.count);
  for (const [category, times] of categories)
    if (COMMUNICATION_CATEGORIES.has(category))
      for (const at of comm.keys()) comm[at]! += times[at]!;
  return {
    label,
    steps: own.length,
    step: hasSteps ? spreadOf(whole(steps.duration)) : null,
    ownStep: hasSteps ? spreadOf(whole(own)) : null,
    gpuTimeUs: timeline.gpuTimeUs,
    busyUs: timeline.busyUs,
    idleUs: timeline.idleUs,
    computeUs: timeline.computeUs,
    commUs: timeline.commUs,
    exposedCommUs: timeline.exposedCommUs,
    waitingUs: toUs(sums.waiting[rank]!),
    batch: requests.batch,
    perStep: hasSteps
      ? {
          gpuTimeUs: median(steps.gpuTime),
          busyUs: median(steps.busy),
          idleUs: median(whole(steps.idle)),
          computeUs: median(steps.gpuTime.map((ns, at) => ns - comm[at]! - memory[at]!)),
          commUs: median(comm),
          exposedCommUs: median(steps.exposedComm),
          waitingUs: median(sums.waitingByStep[rank]!),
        }
      : null,
  };
}
