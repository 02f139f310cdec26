import type { StageView } from "../stage-view.ts";
import { isIn } from "../stage-view.ts";
import type { AnyOrderPlan } from "./any-order.ts";

/**
 * Positions where a window can hold every step of a plan, per plan, ascending. One walk from the
 * last kernel to the first serves all plans; only kernels in one of a plan's classes cost time.
 */
export function anyOrderStarts(
  plans: readonly AnyOrderPlan[],
  view: StageView,
): readonly (readonly number[])[] {
  const starts: number[][] = plans.map(() => []);
  if (plans.length === 0) return starts;
  const interested = interestedPlans(plans, view);
  const { lanes } = view;
  /** Nearest position at or after the current one that fits each step of each plan. */
  const nearest = plans.map((plan) => plan.steps.map(() => Number.POSITIVE_INFINITY));
  for (let lane = lanes.starts.length - 2; lane >= 0; lane--) {
    for (const row of nearest) row.fill(Number.POSITIVE_INFINITY);
    for (let at = lanes.starts[lane + 1]! - 1; at >= lanes.starts[lane]!; at--) {
      for (const index of interested[lanes.letters[at]!]!) {
        const plan = plans[index]!;
        const near = nearest[index]!;
        let fits = true;
        for (let step = 0; step < near.length; step++) {
          const { bit, min } = plan.steps[step]!;
          if (isIn(view, at, bit)) near[step] = at;
          if (min > 0 && near[step]! - at >= plan.within) fits = false;
        }
        if (fits) starts[index]!.push(at);
      }
    }
  }
  for (const list of starts) list.reverse();
  return starts;
}

/** Per letter the plans with a step of one of its classes. */
function interestedPlans(
  plans: readonly AnyOrderPlan[],
  view: StageView,
): readonly (readonly number[])[] {
  const { bits, words, count } = view.letters;
  return Array.from({ length: count }, (_, letter) =>
    [...plans.keys()].filter((index) =>
      plans[index]!.steps.some(
        ({ bit }) => ((bits[letter * words + (bit >> 5)]! >>> (bit & 31)) & 1) === 1,
      ),
    ),
  );
}
