import type { Outlier, PerUnit, StageTotal } from "../model/contracts/diff.ts";
import type { StageReport } from "../model/contracts/report.ts";
import { isDeeper } from "./doubts.ts";
import { changePct } from "./noise.ts";

/** What one stage took, before and after. */
export interface StagePair {
  readonly before: StageReport;
  readonly after: StageReport;
}

const TOTALS = ["gpuTimeUs", "busyUs", "idleUs", "commUs", "exposedCommUs", "memoryUs"] as const;

/** The stage as a whole, work of no step included; null where the windows hold other numbers of steps. */
export function stageTotals({ before, after }: StagePair): readonly StageTotal[] | null {
  if ((before.stepTimes?.count ?? 1) !== (after.stepTimes?.count ?? 1)) return null;
  return TOTALS.map((total) => {
    const [beforeUs, afterUs] = [before.timeline[total], after.timeline[total]];
    const deltaUs = afterUs - beforeUs;
    return { total, beforeUs, afterUs, deltaUs, pct: changePct(deltaUs, beforeUs) };
  });
}

/** GPU time of a step by new token, where prefills of different size are compared. */
export function perToken({ before, after }: StagePair): PerUnit | null {
  const [one, other] = [before.requests.tokens, after.requests.tokens];
  // Decoding reads all weights for each step: more requests do not cost so much more.
  if (one === null || other === null || one === other) return null;
  if (![before, after].every(isMostlyPrefill)) return null;
  return unit(gpuTime(before), gpuTime(after), one, other);
}

/** Of the tokens of a mixed step, where a chunk of a prompt is most of the work. */
const MOST_TOKENS = 0.8;

function isMostlyPrefill({ stage, requests }: StageReport): boolean {
  if (stage !== "mixed") return stage === "prefill";
  const { tokens, generation } = requests;
  if (tokens === null) return false;
  // A decoding request adds one token.
  const context = requests.contextTokens ?? (generation === null ? 0 : tokens - generation);
  return context >= MOST_TOKENS * tokens;
}

/** The repeated part by layer, where the models are not equally deep. */
export function perLayer({ before, after }: StagePair): PerUnit | null {
  return isDeeper(before, after) ? unit(layerTime(before), layerTime(after), 1, 1) : null;
}

function unit(before: number, after: number, one: number, other: number): PerUnit | null {
  if (one === 0 || other === 0) return null;
  const [beforeUs, afterUs] = [before / one, after / other];
  return { beforeUs, afterUs, pct: changePct(afterUs - beforeUs, beforeUs) };
}

function gpuTime({ stepTimes, timeline }: StageReport): number {
  return stepTimes?.gpuTime.medianUs ?? timeline.gpuTimeUs;
}

function layerTime({ layers }: StageReport): number {
  return (layers?.template ?? []).reduce((sum, { medianUs }) => sum + medianUs, 0);
}

/** So much longer than usual, and so much of the stage. */
const TIMES_MEDIAN = 5;
const LEAST_STAGE_SHARE = 0.01;

/** Single launches that took far longer than the kernel's others do. */
export function outliersOf({ before, after }: StagePair): Outlier[] {
  return (["before", "after"] as const).flatMap((side) => {
    const { kernels, timeline } = { before, after }[side];
    return kernels
      .filter(
        ({ launches, maxUs, medianUs, p90Us }) =>
          launches >= TIMES_MEDIAN &&
          maxUs > TIMES_MEDIAN * medianUs &&
          maxUs > 2 * p90Us &&
          maxUs - medianUs >= LEAST_STAGE_SHARE * timeline.gpuTimeUs,
      )
      .map(({ shortName, maxUs, medianUs }) => ({ side, kernel: shortName, maxUs, medianUs }));
  });
}
