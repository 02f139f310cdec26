import { compareText } from "../base/compare-text.ts";
import type { KernelDiff, KernelSide, StageDiff, UniformChange } from "../model/contracts/diff.ts";
import type { KernelRow } from "../model/contracts/report.ts";
import { changePct, compareTimes, type NoiseModel } from "./noise.ts";
import { pairKernels } from "./pairs/pair-kernels.ts";
import type { PairedPosition } from "./pairs/pair-layers.ts";
import type { StagePair } from "./stage-totals.ts";
import { uniformChange } from "./uniform-change.ts";

/** What comparing rows of one stage needs besides the rows. */
export interface DiffContext {
  readonly model: NoiseModel;
  /** GPU time of a step. */
  readonly stepUs: number;
  readonly steps: StageDiff["steps"];
  readonly explainedBy: (shortName: string) => string | null;
  readonly minSharePct: number;
  /** What makes a step other work before than after, in words. */
  readonly differing: readonly string[];
  /** Noise of the GPU time of a step; null where steps are too few. */
  readonly stepNoiseUs: number | null;
}

/** Launches per step may differ by this much where a window cuts a step. */
const MORE_LAUNCHES = 1.2;

/** The kernels of both stages by name, what changes a step most first. */
export function diffKernels(
  { before, after }: StagePair,
  positions: readonly PairedPosition[],
  context: DiffContext,
): {
  readonly kernels: readonly KernelDiff[];
  readonly launchRatio: number;
  readonly uniform: UniformChange | null;
} {
  const { steps, minSharePct, explainedBy, differing } = context;
  const found = pairKernels(before.kernels, after.kernels, positions);
  const old = (row: KernelRow): KernelSide => kernelSide(row, steps.before);
  const fresh = (row: KernelRow): KernelSide => kernelSide(row, steps.after);
  const both = found.both.map(([one, other]) => [old(one), fresh(other)] as const);
  const launchRatio = usualRatio(both.filter(([one, other]) => isInSteps(one) && isInSteps(other)));
  const uniform = uniformChange(found.both, differing);
  const alike = new Set(uniform?.kernels);
  // A row the other report may only have hidden is no news.
  const isTold = ({ sharePct }: KernelRow): boolean => sharePct >= 2 * minSharePct;
  const alone = { medianDeltaUs: null, medianPct: null, noiseUs: null };
  const kernels: KernelDiff[] = [
    ...found.both.map(([one, other]) => {
      const row = compareKernel(one, other, launchRatio, context);
      return alike.has(one.name) && row.explainedBy === null
        ? { ...row, explainedBy: uniform!.why }
        : row;
    }),
    ...found.replaced.map(([one, other]): KernelDiff => {
      const sides = { before: old(one), after: fresh(other) };
      const { medianUs } = sides.before;
      const medianDeltaUs = sides.after.medianUs - medianUs;
      return {
        change: "replaced",
        ...sides,
        medianDeltaUs,
        medianPct: changePct(medianDeltaUs, medianUs),
        noiseUs: null,
        perStepDeltaUs:
          sides.after.perStepUs / scaleOf(sides.before, sides.after, launchRatio) -
          sides.before.perStepUs,
        explainedBy: explainedBy(one.shortName) ?? explainedBy(other.shortName),
      };
    }),
    ...found.vanished.filter(isTold).map((row): KernelDiff => {
      const side = old(row);
      const delta = { ...alone, perStepDeltaUs: -side.perStepUs };
      const explained = explainedBy(row.shortName);
      return { change: "vanished", before: side, after: null, ...delta, explainedBy: explained };
    }),
    ...found.appeared.filter(isTold).map((row): KernelDiff => {
      const side = fresh(row);
      const delta = { ...alone, perStepDeltaUs: side.perStepUs };
      const explained = explainedBy(row.shortName);
      return { change: "appeared", before: null, after: side, ...delta, explainedBy: explained };
    }),
  ];
  const name = ({ before: one, after: other }: KernelDiff): string => (one ?? other!).name;
  return {
    launchRatio,
    uniform,
    kernels: kernels.sort(
      (a, b) =>
        Math.abs(b.perStepDeltaUs) - Math.abs(a.perStepDeltaUs) || compareText(name(a), name(b)),
    ),
  };
}

function compareKernel(
  one: KernelRow,
  other: KernelRow,
  launchRatio: number,
  { model, stepUs, steps, explainedBy, stepNoiseUs }: DiffContext,
): KernelDiff {
  const before = kernelSide(one, steps.before);
  const after = kernelSide(other, steps.after);
  const perStep = (before.launchesPerStep + after.launchesPerStep) / 2;
  const sample = (row: KernelRow) => ({ ...row, count: row.launches });
  const time = compareTimes(sample(one), sample(other), model, perStep, stepUs);
  const scale = scaleOf(before, after, launchRatio);
  const ratio = after.launchesPerStep / before.launchesPerStep / scale;
  const byLaunches = after.perStepUs / scale - before.perStepUs;
  const isOften =
    isInSteps(before) &&
    isInSteps(after) &&
    Math.max(ratio, 1 / ratio) > MORE_LAUNCHES &&
    Math.abs(byLaunches) >= (stepUs * model.minStagePct) / 100;
  const isTime = time.change === "slower" || time.change === "faster";
  // Where one layer or position alone changed, the median launch is as it was, and a step is not.
  const isSome =
    isInSteps(before) &&
    isInSteps(after) &&
    stepNoiseUs !== null &&
    Math.abs(byLaunches) > Math.max(stepNoiseUs, (stepUs * model.minChangePct) / 100);
  const whole = isSome && !isTime ? (byLaunches > 0 ? "slower" : "faster") : time.change;
  return {
    change: isTime || !isOften ? whole : ratio > 1 ? "more-launches" : "fewer-launches",
    before,
    after,
    medianDeltaUs: time.deltaUs,
    medianPct: changePct(time.deltaUs, one.medianUs),
    noiseUs: time.noiseUs,
    perStepDeltaUs: isTime && !isOften ? time.deltaUs * perStep : byLaunches,
    explainedBy: explainedBy(one.shortName),
  };
}

/** False for work that no step launched. */
function isInSteps({ launchesPerStep }: KernelSide): boolean {
  return launchesPerStep > 0;
}

/** A kernel's launches must follow what windows have in common as closely to be scaled by it. */
const FOLLOWS = 1.05;

/** By what a kernel's time after is divided to be that of a step as before: 1 where it does not follow. */
function scaleOf(before: KernelSide, after: KernelSide, launchRatio: number): number {
  const own = after.launchesPerStep / before.launchesPerStep / launchRatio;
  return Math.max(own, 1 / own) <= FOLLOWS ? launchRatio : 1;
}

function kernelSide(row: KernelRow, steps: number): KernelSide {
  const { name, shortName, category, launches, totalUs, medianUs, p10Us, p90Us, perStep } = row;
  return {
    pctOfLimit: row.limit?.pctOfLimit ?? null,
    boundBy: row.limit?.boundBy ?? null,
    name,
    shortName,
    category,
    launches,
    launchesPerStep: perStep?.launches ?? launches / steps,
    perStepUs: perStep?.us ?? totalUs / steps,
    medianUs,
    p10Us,
    p90Us,
  };
}

/**
 * Launches per step, after by before, of the middle kernel weighted by its launches: what windows
 * with cut steps, or without steps, have in common. The same the other way round.
 */
function usualRatio(pairs: readonly (readonly [KernelSide, KernelSide])[]): number {
  const ratios = pairs
    .map(([before, after]) => ({
      log: Math.log(after.launchesPerStep / before.launchesPerStep),
      weight: before.launchesPerStep * after.launchesPerStep,
    }))
    .sort((a, b) => a.log - b.log);
  const half = ratios.reduce((sum, { weight }) => sum + weight, 0) / 2;
  const middle = (ordered: typeof ratios): number => {
    let sum = 0;
    for (const { log, weight } of ordered) {
      sum += weight;
      if (sum >= half) return log;
    }
    return 0;
  };
  return Math.exp((middle(ratios) + middle(ratios.toReversed())) / 2);
}
