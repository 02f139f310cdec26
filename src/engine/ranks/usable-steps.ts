import { percent } from "../../model/trace/units.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import type { RankSums } from "./rank-sums.ts";

/** Exposed communication without a partner may hide so much of a step and who is slow still shows. */
const MOST_UNMATCHED_PCT = 5;

/**
 * Steps of a rank whose waiting is known: their exposed communication has its partners; all of them
 * where little has none. A window that opened earlier or closed later than another rank's holds
 * steps beyond those.
 */
export function usableSteps(
  { measure: { steps } }: LabelledStage,
  rank: number,
  sums: RankSums,
): Uint8Array {
  const matched = sums.matchedByStep[rank]!;
  const unmatched = steps.exposedComm.map((ns, step) => Math.max(0, ns - matched[step]!));
  const sum = (times: Float64Array): number => times.reduce((all, ns) => all + ns, 0);
  const isLittle = (ns: number, of: number): boolean => percent(ns, of) <= MOST_UNMATCHED_PCT;
  if (isLittle(sum(unmatched), sum(steps.duration))) return new Uint8Array(steps.count).fill(1);
  return Uint8Array.from(steps.duration, (all, step) => Number(isLittle(unmatched[step]!, all)));
}
