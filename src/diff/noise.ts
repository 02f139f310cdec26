import type { Thresholds, TimeChange } from "../model/contracts/diff.ts";
import type { Spread } from "../model/contracts/report.ts";
import type { Microseconds } from "../model/trace/units.ts";

/** One side of a comparison: how many samples, their middle and spread. */
export interface Sample extends Spread {
  readonly count: number;
  /** Null where it is not known. */
  readonly avgUs: Microseconds | null;
  /** Median distance from the median, where it is known: p10 and p90 of few samples are their extremes. */
  readonly medianDeviationUs?: Microseconds;
}

interface Comparison {
  readonly deltaUs: Microseconds;
  /** Null with too few samples. */
  readonly noiseUs: Microseconds | null;
  readonly change: TimeChange;
}

export interface NoiseModel extends Thresholds {
  /** Usual spread of a kernel of these reports, as a share of its median; 0 = unknown. */
  readonly usualSpread: number;
}

/** A change in percent of what it was; null where that was nothing. */
export function changePct(deltaUs: Microseconds, beforeUs: Microseconds): number | null {
  return beforeUs > 0 ? (100 * deltaUs) / beforeUs : null;
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  minChangePct: 1,
  minChangeUs: 0.05,
  minStagePct: 0.1,
};

/** With fewer samples nothing is said, not even that nothing changed. */
const LEAST_SAMPLES = 3;
/** Deviations of the normal distribution: one of 16,000 comparisons goes beyond by chance. */
const BEYOND = 4;
/** The usual spread counts as so many samples beside a kernel's own. */
const USUAL_WEIGHT = 4;
/** Standard deviation of a normal distribution, in median deviations. */
const NORMAL_BY_MEDIAN = 1.4826;
/** Standard error of a median, in standard errors of a mean. */
const MEDIAN_ERROR = 1.2533;

/**
 * Compares two medians. The spread of either side comes from p10 and p90, so that outliers do not
 * widen it; with few samples it is drawn towards the usual spread, as in a moderated t-test. A
 * difference counts when it is larger than what chance gives once in 16,000 comparisons, reaches
 * the thresholds, and the means moved the same way. Symmetric: the sides may be swapped.
 *
 * @param perStep how often a step pays the difference
 * @param stepUs GPU time of a step, of which the change must be a share; 0 asks for none.
 */
export function compareTimes(
  before: Sample,
  after: Sample,
  model: NoiseModel,
  perStep = 1,
  stepUs = 0,
): Comparison {
  const deltaUs = after.medianUs - before.medianUs;
  if (before.count < LEAST_SAMPLES || after.count < LEAST_SAMPLES)
    return { deltaUs, noiseUs: null, change: "inconclusive" };
  const noiseUs = noiseOf(before, after, model.usualSpread);
  const told = (change: TimeChange): Comparison => ({ deltaUs, noiseUs, change });
  if (Math.abs(deltaUs) <= noiseUs) return told("within-noise");
  const smaller = Math.min(before.medianUs, after.medianUs);
  const least = Math.max(model.minChangeUs, (smaller * model.minChangePct) / 100);
  if (Math.abs(deltaUs) < least) return told("negligible");
  if (Math.abs(deltaUs) * perStep < (stepUs * model.minStagePct) / 100) return told("negligible");
  if (before.avgUs !== null && after.avgUs !== null) {
    // Half the launches may sit at one duration and half at another: then medians jump.
    const mean = after.avgUs - before.avgUs;
    if (mean * Math.sign(deltaUs) < Math.min(least, Math.abs(deltaUs)) / 2)
      return told("inconclusive");
  }
  return told(deltaUs > 0 ? "slower" : "faster");
}

function noiseOf(before: Sample, after: Sample, usualSpread: number): Microseconds {
  const own = before.count + after.count - 2;
  const degrees = own + (usualSpread > 0 ? USUAL_WEIGHT : 0);
  const error = (side: Sample): number => {
    const mine = deviation(side) ** 2;
    const usual = (usualSpread * side.medianUs) ** 2;
    const drawn = (own * mine + (degrees - own) * usual) / degrees;
    return (MEDIAN_ERROR ** 2 * Math.max(mine, drawn)) / side.count;
  };
  return studentT(BEYOND, degrees) * Math.sqrt(error(before) + error(after));
}

/** Standard deviation of a normal distribution with this p10 and p90 (Blom's order statistics). */
function deviation({
  count,
  p10Us,
  p90Us,
  medianDeviationUs,
}: Omit<Sample, "avgUs" | "medianUs">): number {
  if (count < 2) return 0;
  if (medianDeviationUs !== undefined) return NORMAL_BY_MEDIAN * medianDeviationUs;
  const rank = Math.ceil((count - 1) * 0.9) + 1;
  return (p90Us - p10Us) / (2 * normalQuantile((rank - 0.375) / (count + 0.25)));
}

/** The usual spread of samples, as a share of their medians: the middle one of those large enough to tell. */
export function usualSpread(samples: readonly Sample[]): number {
  const shares = samples
    .filter(({ count, medianUs }) => count >= 8 && medianUs > 0)
    .map((sample) => deviation(sample) / sample.medianUs)
    .sort((a, b) => a - b);
  return shares[(shares.length - 1) >> 1] ?? 0;
}

/** Student's t as unlikely as `z` deviations (Wallace's approximation). */
function studentT(z: number, degrees: number): number {
  const exponent = (z * z * (degrees - 1.5)) / (degrees - 1) ** 2;
  return Math.sqrt(degrees * Math.expm1(exponent));
}

/** Upper half only, error below 4.5e-4 (Abramowitz and Stegun 26.2.23). */
function normalQuantile(share: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - share));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return t - above / below;
}
