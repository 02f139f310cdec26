import { gpuEnd } from "../../model/trace.ts";
import type { Nanoseconds } from "../../model/units.ts";
import type { Picks, PicksVeto } from "./any-order.ts";
import type { PlanStep } from "./chain-plan.ts";
import { isFree, isIn, rowAt, type StageView, spend, take } from "./stage-view.ts";

export interface OverlapPlan {
  readonly first: PlanStep;
  readonly second: PlanStep;
  readonly minShare: number;
}

interface Partner {
  readonly position: number;
  readonly sharedNs: Nanoseconds;
}

/**
 * Kernels of the first class, earliest first, each with the free kernel of the second class it
 * shares most time with (ties: the earlier kernel); as many partners as the second step repeats.
 * Partners run on another stream of the same device: the slight overlaps that programmatic
 * dependent launch makes are on one stream and never count. Takes the kernels it returns.
 */
export function findOverlaps(
  plan: OverlapPlan,
  view: StageView,
  veto: PicksVeto | null,
): readonly Picks[] {
  const found: Picks[] = [];
  for (const { position, partners } of sweep(plan, view)) {
    if (!isFree(view, position)) continue;
    const chosen = partners
      .filter((partner) => partner.position !== position && isFree(view, partner.position))
      .filter((partner) => !veto?.([[position], [partner.position]]))
      .sort((a, b) => b.sharedNs - a.sharedNs || rowAt(view, a.position) - rowAt(view, b.position))
      .slice(0, Math.max(1, plan.second.max))
      .map((partner) => partner.position);
    if (chosen.length < Math.max(1, plan.second.min)) continue;
    chosen.sort((a, b) => rowAt(view, a) - rowAt(view, b));
    for (const taken of [position, ...chosen]) take(view, taken);
    found.push([[position], chosen]);
  }
  return found;
}

interface FirstKernel {
  readonly position: number;
  readonly partners: Partner[];
}

/** Every kernel of the first class, by row, with all it shares enough time with. */
function sweep(plan: OverlapPlan, view: StageView): readonly FirstKernel[] {
  const firsts: FirstKernel[] = [];
  let runningFirsts: FirstKernel[] = [];
  let runningSeconds: number[] = [];
  const { gpu } = view.graph.trace;
  for (const position of relevantByStart(plan, view)) {
    const start = gpu.start[rowAt(view, position)]!;
    spend(view, 1 + runningFirsts.length + runningSeconds.length);
    runningFirsts = runningFirsts.filter((it) => gpuEnd(gpu, rowAt(view, it.position)) > start);
    runningSeconds = runningSeconds.filter((it) => gpuEnd(gpu, rowAt(view, it)) > start);
    if (isIn(view, position, plan.second.bit)) {
      for (const first of runningFirsts) addPartner(plan, view, first, position);
      runningSeconds.push(position);
    }
    if (isIn(view, position, plan.first.bit)) {
      const first: FirstKernel = { position, partners: [] };
      for (const second of runningSeconds) addPartner(plan, view, first, second);
      firsts.push(first);
      runningFirsts.push(first);
    }
  }
  return firsts;
}

function addPartner(plan: OverlapPlan, view: StageView, first: FirstKernel, second: number): void {
  const { gpu, streams } = view.graph.trace;
  const a = rowAt(view, first.position);
  const b = rowAt(view, second);
  const left = gpu.stream[a]!;
  const right = gpu.stream[b]!;
  if (left === right || streams[left]!.device !== streams[right]!.device) return;
  const sharedNs =
    Math.min(gpuEnd(gpu, a), gpuEnd(gpu, b)) - Math.max(gpu.start[a]!, gpu.start[b]!);
  const shorter = Math.min(gpu.duration[a]!, gpu.duration[b]!);
  if (sharedNs > 0 && sharedNs >= plan.minShare * shorter)
    first.partners.push({ position: second, sharedNs });
}

/** Positions in either class by ascending row. */
function relevantByStart(plan: OverlapPlan, view: StageView): readonly number[] {
  const relevant: number[] = [];
  for (let position = 0; position < view.lanes.count; position++)
    if (isIn(view, position, plan.first.bit) || isIn(view, position, plan.second.bit))
      relevant.push(position);
  return relevant.sort((a, b) => rowAt(view, a) - rowAt(view, b));
}
