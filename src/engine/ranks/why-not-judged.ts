import { percent } from "../../model/trace/units.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import type { RankSums } from "./rank-sums.ts";

/**
 * Why nobody can say which rank is slow; null where that can be judged.
 *
 * @param usable by rank, by step: whether its waiting is known
 */
export function whyNotJudged(
  ranks: readonly LabelledStage[],
  sums: RankSums,
  usable: readonly Uint8Array[],
): string | null {
  const whole = ranks.flatMap(({ isComplete, measure }, at) =>
    isComplete && measure.steps.count > 0 ? [at] : [],
  );
  if (ranks.length < 2) return `only rank ${ranks[0]!.label} has this stage`;
  if (whole.length < 2) return "fewer than two ranks have whole steps of this stage";
  if (whole.every((at) => isEnough(usable[at]!))) return null;
  // What is not matched may be waiting, which would count as a rank's own work.
  const shares = whole.map((at) => {
    const { steps } = ranks[at]!.measure;
    let [exposed, total] = [0, 0];
    for (let step = 0; step < steps.count; step++) {
      exposed += Math.max(0, steps.exposedComm[step]! - sums.matchedByStep[at]![step]!);
      total += steps.duration[step]!;
    }
    return percent(exposed, total);
  });
  const most = Math.max(...shares);
  const { label } = ranks[whole[shares.indexOf(most)]!]!;
  return `${most.toFixed(1)}% of rank ${label}'s steps is exposed communication that could not be matched over the ranks, and may be waiting`;
}

/** One step of many whose waiting is known may be the one in which nobody waited. */
const LEAST_STEPS = 3;

function isEnough(usable: Uint8Array): boolean {
  const known = usable.reduce((sum, flag) => sum + flag, 0);
  return known >= Math.min(LEAST_STEPS, usable.length);
}
