import { compareText } from "../../model/compare-text.ts";
import type { RankLoss, Straggler } from "../../model/ranks.ts";
import { type Nanoseconds, percent, toUs } from "../../model/units.ts";
import { medianOf, ranksOfOrdered } from "../spread.ts";
import { alignSequences } from "./align-sequences.ts";
import type { LabelledStage } from "./match-collectives.ts";

/** Two runs of one rank differ by about this much of a step; less is never called slow. */
const NOISE_SHARE = 0.01;
/** Too few steps show nothing of how much a step varies. */
const FEW_STEPS = 3;
const FEW_STEPS_NOISE_SHARE = 0.05;
/** Losses below this share of the whole are not told. */
const LEAST_LOSS_SHARE = 0.05;
const MOST_LOSSES = 8;

/** A rank's stage with what each of its steps takes without waiting, ns. */
interface OwnTimes extends LabelledStage {
  readonly own: Float64Array;
}

/**
 * Ranks whose own time per step is longer than the others' beyond noise: the largest of one percent
 * (five where there are fewer than three steps), half of what the difference varies over the steps
 * (p10 to p90), and the median deviation among the others.
 */
export function stragglers(ranks: readonly OwnTimes[]): Straggler[] {
  if (ranks.length < 2) return [];
  const positions = alignSequences(
    ranks.map(({ measure: { steps } }) => ({ keys: steps.label, end: steps.end })),
  );
  const own = ranks.map(({ own }, rank) => Float64Array.from(positions[rank]!, (at) => own[at]!));
  if (own[0]!.length === 0) return [];
  return ranks.flatMap(({ label }, rank) => {
    const others = own.filter((_, other) => other !== rank);
    const usual = own[rank]!.map((_, step) => medianOf(others.map((times) => times[step]!)));
    const slower = own[rank]!.map((time, step) => time - usual[step]!);
    const by = medianOf(slower);
    const noise = noiseOf(slower, usual, others);
    if (by <= noise) return [];
    return [
      {
        label,
        slowerByUs: toUs(by),
        slowerByPct: percent(by, medianOf(usual)),
        noiseUs: toUs(noise),
        losses: lossesOf(ranks, rank, by),
      },
    ];
  });
}

function noiseOf(
  slower: Float64Array,
  usual: Float64Array,
  others: readonly Float64Array[],
): Nanoseconds {
  const { p10, p90 } = ranksOfOrdered(slower.slice().sort());
  const middles = others.map(medianOf);
  const middle = medianOf(middles);
  const apart = medianOf(middles.map((time) => Math.abs(time - middle)));
  const share = slower.length < FEW_STEPS ? FEW_STEPS_NOISE_SHARE : NOISE_SHARE;
  return Math.max(share * medianOf(usual), (p90 - p10) / 2, apart);
}

/** By category, then the kernels of those that lose, per step against the others' median. */
function lossesOf(ranks: readonly OwnTimes[], rank: number, by: Nanoseconds): RankLoss[] {
  const categories = ranks.map((one) => perStep(one, ({ category }) => category));
  for (const [at, { measure }] of ranks.entries())
    categories[at]!.set("idle", (measure.timeline.idleUs * 1000) / measure.steps.label.length);
  const kernels = ranks.map((one) => perStep(one, ({ category, name }) => `${category}\n${name}`));
  const least = LEAST_LOSS_SHARE * by;
  const lost = (times: readonly ReadonlyMap<string, number>[]) =>
    [...times[rank]!]
      .map(([key, time]) => {
        const others = times.filter((_, other) => other !== rank);
        return { key, ns: time - medianOf(others.map((of) => of.get(key) ?? 0)) };
      })
      .filter(({ ns }) => ns > least)
      .sort((a, b) => b.ns - a.ns || compareText(a.key, b.key));
  const byKernel = lost(kernels);
  return lost(categories)
    .flatMap(({ key, ns }): RankLoss[] => [
      { category: key, kernel: null, us: toUs(ns) },
      ...byKernel
        .filter((kernel) => kernel.key.startsWith(`${key}\n`))
        .map((kernel) => ({
          category: key,
          kernel: kernel.key.slice(key.length + 1),
          us: toUs(kernel.ns),
        })),
    ])
    .slice(0, MOST_LOSSES);
}

function perStep(
  { measure }: OwnTimes,
  keyOf: (kernel: { category: string; name: string }) => string,
): Map<string, Nanoseconds> {
  const times = new Map<string, Nanoseconds>();
  const steps = measure.steps.label.length;
  for (const kernel of measure.kernels)
    times.set(keyOf(kernel), (times.get(keyOf(kernel)) ?? 0) + kernel.ns / steps);
  return times;
}
