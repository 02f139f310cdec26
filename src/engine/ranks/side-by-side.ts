import type { LeftOut, RankRow, RanksStage } from "../../model/contracts/ranks.ts";
import { STEPS_TO_DROP_FIRST } from "../../model/contracts/report.ts";
import { STAGES, type StageName } from "../../model/framework.ts";
import { toUs } from "../../model/trace/units.ts";
import { COMMUNICATION_CATEGORIES } from "../overlap/work-kind.ts";
import { medianOf, spreadOf } from "../spread.ts";
import { alignSteps } from "./align-steps.ts";
import { matchCollectives } from "./collectives/match-collectives.ts";
import { matchTransfers } from "./collectives/match-transfers.ts";
import { imbalances } from "./imbalance.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import { lateRanks } from "./late-ranks.ts";
import { pipelinePlaces, pipelineStages } from "./pipeline-stages.ts";
import type { RankMeasure } from "./rank-measure.ts";
import { RankSums } from "./rank-sums.ts";
import { slowGroups } from "./slow-groups.ts";
import { stragglers } from "./stragglers.ts";
import { usableSteps } from "./usable-steps.ts";
import { rankViews } from "./views.ts";
import { whyNotJudged } from "./why-not-judged.ts";

/** One rank under the name tables give it. */
export interface LabelledRank {
  readonly label: string;
  readonly measure: RankMeasure;
}

/** What keeps ranks from being compared; null where nothing does. */
export interface Doubts {
  /** Why they are no run of one job. */
  readonly doubt: string | null;
  /** Why their clocks say that they are none; collectives that end together say otherwise. */
  readonly apart: string | null;
}

interface SideBySide {
  readonly stages: readonly RanksStage[];
  /** Steps in which ranks do different things, of those compared; null where there are none. */
  readonly differing: { readonly steps: number; readonly of: number } | null;
  /** Collectives of ranks whose clocks are apart end together. */
  readonly isOneRun: boolean;
}

/**
 * Ranks side by side, by stage in report order; stages that fewer than two ranks have are shown, too.
 * Where ranks of one iteration do different things (one prefills while the others decode), it is the
 * iterations that are compared, whatever their labels say.
 */
export function stagesSideBySide(
  ranks: readonly LabelledRank[],
  doubts: Doubts,
  ranksPerNode: number | null = null,
): SideBySide {
  const differing = differingSteps(ranks);
  const stages = differing === null ? byStage(ranks) : [wholes(ranks)];
  const compared = stages.map(([stage, present]) =>
    compareStage(stage, present, doubts, ranksPerNode),
  );
  return {
    stages: compared.map(({ row }) => row),
    differing,
    isOneRun: compared.some(({ isOneRun }) => isOneRun),
  };
}

type Present = readonly [stage: StageName, ranks: readonly LabelledStage[]];

function wholes(ranks: readonly LabelledRank[]): Present {
  const present = ranks.map(({ label, measure }) => ({
    ...placed(label, measure),
    measure: measure.whole!.measure,
  }));
  return ["all", present];
}

function placed(
  label: string,
  { rank, groups, place, paths, damage, window }: RankMeasure,
): Omit<LabelledStage, "measure"> {
  const isComplete = damage === null;
  return { label, rank, groups, place, paths, baseUs: window.fromUs, isComplete };
}

/** Aligned iterations in which the ranks' labels tell different stages. */
function differingSteps(ranks: readonly LabelledRank[]): SideBySide["differing"] {
  const stageOf = ranks.map(({ measure }) => measure.whole?.stageOf ?? null);
  if (ranks.length < 2 || stageOf.includes(null)) return null;
  if (new Set(stageOf.flat()).size < 2) return null;
  const [, present] = wholes(ranks);
  const sums = new RankSums(present);
  matchCollectives(present, sums);
  // Without a collective in common nobody knows which steps are one iteration.
  if (present.some((_, rank) => sums.distance(0, rank) === null)) return null;
  const positions = alignSteps(present, [...present.keys()], sums);
  const steps = [...positions[0]!.keys()].filter(
    (at) => new Set(positions.map((own, rank) => stageOf[rank]![own[at]!])).size > 1,
  ).length;
  return steps === 0 ? null : { steps, of: positions[0]!.length };
}

function byStage(ranks: readonly LabelledRank[]): Present[] {
  return STAGES.flatMap((stage): Present[] => {
    const present = ranks.flatMap(({ label, measure }): LabelledStage[] => {
      const own = measure.stages.find((one) => one.stage === stage);
      return own === undefined ? [] : [{ ...placed(label, measure), measure: own }];
    });
    return present.length === 0 ? [] : [[stage, present]];
  });
}

function compareStage(
  stage: StageName,
  ranks: readonly LabelledStage[],
  { doubt, apart }: Doubts,
  ranksPerNode: number | null,
): { readonly row: RanksStage; readonly isOneRun: boolean } {
  const sums = new RankSums(ranks);
  const { collectives, leftOut } = matchCollectives(ranks, sums);
  const { transfers, leftOut: alone } = matchTransfers(ranks, sums);
  const own = ranks.map((rank, at) => ownTimes(rank, sums.waitingByStep[at]!));
  const usable = ranks.map((rank, at) => usableSteps(rank, at, sums));
  const places = pipelinePlaces(ranks, transfers);
  const groups = slowGroups(ranks, collectives);
  const isOneRun = collectives.some(
    ({ isTogether, waiting }) => isTogether && waiting.length >= ENOUGH_ENDS,
  );
  const notJudged = doubt ?? (isOneRun ? null : apart) ?? whyNotJudged(ranks, sums, usable);
  const { slow, early } =
    notJudged === null
      ? stragglers({ ranks, own, sums, usable, places, groups, collectives })
      : { slow: [], early: [] };
  const late = notJudged === null ? lateRanks(ranks, collectives, slow) : [];
  const rows = ranks.map((rank, at) => rankRow(rank, own[at]!, sums, at, usable[at]!));
  const row: RanksStage = {
    stage,
    ranks: rows,
    notJudged,
    stragglers: slow,
    late,
    early: late.length === 0 ? early : [],
    slowGroups: groups.map(({ row }) => row),
    imbalances: imbalances(ranks, collectives),
    views: rankViews(ranks, rows, slow, ranksPerNode),
    pipeline: pipelineStages(ranks, places, sums),
    collectives: collectives.map(({ row }) => row),
    transfers: transfers.map(({ row }) => row),
    leftOut: [...leftOut, ...alone, ...ranks.flatMap(unclear)],
  };
  return { row, isOneRun };
}

/** So many ends at a constant distance are no chance. */
const ENOUGH_ENDS = 4;

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
  usable: Uint8Array,
): RankRow {
  const { timeline, steps, requests, categories } = measure;
  const hasSteps = own.length > 0;
  // How long the GPU waited for the first step is not in the trace.
  const whole = (times: Float64Array) =>
    times.length < STEPS_TO_DROP_FIRST ? times.slice() : times.slice(1);
  // Waiting of steps that another rank did not record would count as a rank's own time.
  const known = (times: Float64Array) =>
    usable.includes(1) ? times.filter((_, step) => usable[step] === 1) : times;
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
    ownStep: hasSteps ? spreadOf(whole(known(own))) : null,
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
          waitingUs: median(known(sums.waitingByStep[rank]!)),
        }
      : null,
  };
}
