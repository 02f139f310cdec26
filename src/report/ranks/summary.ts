import type { Imbalance, LateRank, RankLoss, RanksStage } from "../../model/contracts/ranks.ts";
import { share, timeInWords } from "../numbers.ts";
import { partInWords, slowParts } from "./slow-parts.ts";

/** Who is slow and what waiting costs, a sentence per stage. */
export function ranksSummary(stages: readonly RanksStage[]): string {
  return stages.map((stage) => `${stage.stage}: ${stageInWords(stage)}`).join(" ");
}

function stageInWords(stage: RanksStage): string {
  const { ranks, collectives } = stage;
  if (ranks.length < 2) return `only rank ${ranks[0]!.label} has this stage.`;
  const parts = [
    ...slowParts(stage).map((part) => partInWords(part, ranksInWords(part.labels))),
    ...verdicts(stage),
    ...stage.late.map(lateInWords),
    ...earlyInWords(stage),
    ...groupsInWords(stage),
    ...stage.imbalances.map(imbalanceInWords),
    ...pipelineInWords(stage.pipeline),
  ];
  const communication = collectives.reduce((sum, one) => sum + timeOf(one.ranks), 0);
  const waiting = collectives.reduce((sum, { waitingUs }) => sum + waitingUs, 0);
  parts.push(
    communication === 0
      ? stage.transfers.length > 0
        ? "no collective was matched, point-to-point transfers were"
        : "no collective was matched"
      : `${share((100 * waiting) / communication)} of the time in matched collectives is waiting`,
  );
  return `${parts.join("; ")}.`;
}

/** A rank that stalls now and then, or that is cut and waited for. */
function lateInWords({ label, steps, of, waitingUs, isComplete }: LateRank): string {
  const much = `${timeInWords(waitingUs)} in such a step (median)`;
  if (isComplete && steps >= of)
    return `the others wait for rank ${label} in all ${of} steps, ${much}`;
  return isComplete
    ? `the others wait for rank ${label} in ${steps} of ${of} steps, ${much}: it comes late there, not in its other steps`
    : `the others wait for rank ${label}, whose trace is cut and which is not judged, ${much}`;
}

function earlyInWords({ early }: RanksStage): string[] {
  return early.map(({ label, fasterByUs, batch }) => {
    const why = batch === null ? "it has less to do" : `it has ${batch}`;
    return `rank ${label} comes ${timeInWords(fasterByUs)} a step before the others and waits for them: ${why}`;
  });
}

function verdicts(stage: RanksStage): string[] {
  const { notJudged } = stage;
  const told = new Set(slowParts(stage).flatMap(({ labels }) => labels));
  const stragglers = stage.stragglers.filter(({ label }) => !told.has(label));
  if (notJudged !== null) return [`who is slow cannot be judged, because ${notJudged}`];
  if (stragglers.length === 0) return told.size > 0 ? [] : nobodySlow(stage);
  return stragglers.map(({ label, slowerByUs, slowerByPct, noiseUs, losses, ...told }) => {
    const [worst] = losses;
    const where = whereInWords(worst, slowerByUs, told.uniformPct);
    const waited =
      told.waitedForIn === null ? "" : `; the others wait for it in ${told.waitedForIn}`;
    const batch = told.batch === null ? "" : ` (it has ${told.batch})`;
    return `rank ${label} is ${timeInWords(slowerByUs)} (${share(slowerByPct)}) a step slower than the others (noise ${timeInWords(noiseUs)})${where}${batch}${waited}`;
  });
}

function nobodySlow({ pipeline, slowGroups, imbalances, late }: RanksStage): string[] {
  if (slowGroups.length > 0 || imbalances.length > 0 || late.length > 0) return [];
  if (pipeline.length === 0) return ["no rank is slower than the others beyond noise"];
  return pipeline.some(({ labels }) => labels.length > 1)
    ? ["no rank is slower than the others of its pipeline stage beyond noise"]
    : ["every rank is a pipeline stage of its own, so none has another to be compared with"];
}

function whereInWords(
  worst: RankLoss | undefined,
  slowerByUs: number,
  uniformPct: number | null,
): string {
  if (uniformPct !== null)
    return `, all its kernels take about ${uniformPct.toFixed(1)}% longer (clock or power)`;
  if (worst === undefined) return "";
  return 2 * worst.us >= slowerByUs
    ? `, most of it in ${worst.category}`
    : `, ${timeInWords(worst.us)} of it in ${worst.category}`;
}

function groupsInWords({ slowGroups }: RanksStage): string[] {
  return slowGroups.map(
    ({ labels, kernel, collective, longerUs, usualUs }) =>
      `ranks ${ranksInWords(labels)}: ${collective ?? kernel} moves ${timeInWords(longerUs)} longer than in the other groups (${timeInWords(usualUs)})`,
  );
}

function imbalanceInWords({ kernel, collective, perStepUs, last, cause }: Imbalance): string {
  const often = last.map(({ label, times }) => `${label} ${times}×`).join(", ");
  const why = cause === "experts" ? "expert imbalance" : "the work before it is uneven";
  return `the rank that comes last to ${collective ?? kernel} changes from step to step (${often}): ${why}, ${timeInWords(perStepUs)} of waiting a step and rank`;
}

function pipelineInWords(stages: RanksStage["pipeline"]): string[] {
  if (stages.length === 0) return [];
  const longest = stages.reduce((a, b) => (b.workUs > a.workUs ? b : a));
  const sizes = stages.map(
    ({ labels, workUs, bubblePct }) =>
      `rank ${ranksInWords(labels)} works ${timeInWords(workUs)} (bubble ${share(bubblePct)})`,
  );
  return [
    `pipeline of ${stages.length} stages: ${sizes.join(", ")}; stage ${longest.stage} is the longest`,
  ];
}

/** "4-7" where nothing is missing. */
function ranksInWords(labels: readonly string[]): string {
  const numbers = labels.map(Number);
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  const isRange = labels.length > 2 && last - first === labels.length - 1;
  return isRange && numbers.every(Number.isInteger) ? `${first}-${last}` : labels.join(", ");
}

function timeOf(ranks: readonly { readonly totalUs: number }[]): number {
  return ranks.reduce((sum, { totalUs }) => sum + totalUs, 0);
}
