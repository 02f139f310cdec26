import { isFree, isIn, type StageView, spend, stepAt } from "../stage-view.ts";
import type { PlanStep } from "./chain-plan.ts";

/** Positions per step; unlike a chain's runs they need not be neighbours. */
export type Picks = readonly (readonly number[])[];

export interface AnyOrderPlan {
  readonly steps: readonly PlanStep[];
  readonly within: number;
}

/**
 * The match of an unordered group whose first kernel is the one at `start`. Each kernel of the
 * window goes to the first written step that it fits, that has room and whose conditions hold;
 * the others stand between. It ends as soon as every step has its least number, so the window is
 * the shortest. Windows keep to one lane and one scheduler step.
 */
export function matchAnyOrderAt(
  plan: AnyOrderPlan,
  view: StageView,
  veto: PicksVeto | null,
  start: number,
  laneEnd: number,
): Picks | null {
  spend(view, 1);
  const picks: number[][] = plan.steps.map(() => []);
  const end = Math.min(laneEnd, start + plan.within);
  for (let position = start; position < end; position++) {
    if (stepAt(view, position) !== stepAt(view, start)) return null;
    if (veto !== null) spend(view, plan.steps.length);
    const isPicked = isFree(view, position) && pick(plan, view, veto, picks, position);
    if (position === start && !isPicked) return null;
    if (isPicked && plan.steps.every((step, index) => picks[index]!.length >= step.min))
      return picks;
  }
  return null;
}

/** True when the kernels picked so far already break a condition. */
export type PicksVeto = (picks: Picks) => boolean;

function pick(
  plan: AnyOrderPlan,
  view: StageView,
  veto: PicksVeto | null,
  picks: number[][],
  position: number,
): boolean {
  for (const [index, step] of plan.steps.entries()) {
    const chosen = picks[index]!;
    if (chosen.length >= step.max || !isIn(view, position, step.bit)) continue;
    chosen.push(position);
    if (!veto?.(picks)) return true;
    chosen.pop();
  }
  return false;
}
