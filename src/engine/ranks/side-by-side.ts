import { STAGES, type StageName } from "../../model/framework.ts";
import type { RankRow, RanksStage } from "../../model/ranks.ts";
import { toUs } from "../../model/units.ts";
import { spreadOf } from "../spread.ts";
import { type LabelledStage, matchCollectives } from "./match-collectives.ts";
import type { RankMeasure } from "./rank-measure.ts";
import { stragglers } from "./stragglers.ts";

/** One rank under the name tables give it. */
export interface LabelledRank {
  readonly label: string;
  readonly measure: RankMeasure;
}

/** Ranks side by side, by stage in report order; stages that fewer than two ranks have are shown, too. */
export function stagesSideBySide(ranks: readonly LabelledRank[]): RanksStage[] {
  return STAGES.flatMap((stage) => {
    const present = ranks.flatMap(({ label, measure }) => {
      const own = measure.stages.find((one) => one.stage === stage);
      return own === undefined
        ? []
        : [{ label, measure: own, isComplete: measure.damage === null }];
    });
    return present.length === 0 ? [] : [compareStage(stage, present)];
  });
}

function compareStage(
  stage: StageName,
  ranks: readonly (LabelledStage & { readonly isComplete: boolean })[],
): RanksStage {
  const { collectives, leftOut, waiting, waitingByStep } = matchCollectives(ranks);
  const own = ranks.map((rank, at) => ({ ...rank, own: ownTimes(rank, waitingByStep[at]!) }));
  return {
    stage,
    ranks: own.map((rank, at) => rankRow(rank, rank.own, waiting[at]!)),
    // A step cut short says nothing of how fast its rank is.
    stragglers: stragglers(own.filter(({ isComplete }) => isComplete)),
    collectives,
    leftOut,
  };
}

/** What a step takes without waiting; waiting that computation hides costs the step nothing. */
function ownTimes({ measure: { steps } }: LabelledStage, waiting: Float64Array): Float64Array {
  return steps.duration.map((ns, at) => ns - Math.min(waiting[at]!, steps.exposedComm[at]!));
}

function rankRow(
  { label, measure: { timeline, steps } }: LabelledStage,
  own: Float64Array,
  waiting: number,
): RankRow {
  const hasSteps = own.length > 0;
  return {
    label,
    steps: own.length,
    step: hasSteps ? spreadOf(steps.duration.slice()) : null,
    ownStep: hasSteps ? spreadOf(own.slice()) : null,
    gpuTimeUs: timeline.gpuTimeUs,
    busyUs: timeline.busyUs,
    idleUs: timeline.idleUs,
    computeUs: timeline.computeUs,
    commUs: timeline.commUs,
    exposedCommUs: timeline.exposedCommUs,
    waitingUs: toUs(waiting),
  };
}
