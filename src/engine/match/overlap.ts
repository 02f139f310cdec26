import { gpuEnd } from "../../model/trace.ts";
import type { Nanoseconds } from "../../model/units.ts";
import type { Picks, PicksVeto } from "./any-order.ts";
import type { PlanStep } from "./chain-plan.ts";
import { letterInClass } from "./letters.ts";
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
  const runningFirsts: FirstKernel[] = [];
  const runningSeconds: number[] = [];
  const { gpu } = view.graph.trace;
  const runs = (position: number, time: Nanoseconds): boolean =>
    gpuEnd(gpu, rowAt(view, position)) > time;
  for (const position of relevantByStart(plan, view)) {
    const start = gpu.start[rowAt(view, position)]!;
    spend(view, 1 + runningFirsts.length + runningSeconds.length);
    keep(runningFirsts, (it) => runs(it.position, start));
    keep(runningSeconds, (it) => runs(it, start));
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

/** Drops from the list what does not fit, in place. */
function keep<T>(list: T[], fits: (item: T) => boolean): void {
  let kept = 0;
  for (const item of list) if (fits(item)) list[kept++] = item;
  list.length = kept;
}

/** Positions in either class by ascending row; none where either class has no kernel at all. */
function relevantByStart(plan: OverlapPlan, view: StageView): readonly number[] {
  const { lanes, letters } = view;
  const isFirst = (letter: number): boolean => letterInClass(letters, letter, plan.first.bit);
  const isSecond = (letter: number): boolean => letterInClass(letters, letter, plan.second.bit);
  const all = [...Array(letters.count).keys()];
  // Two kernels that overlap run on two streams, and both classes have letters.
  if (lanes.starts.length < 3 || !all.some(isFirst) || !all.some(isSecond)) return [];
  const isRelevant = Uint8Array.from(all, (letter) => Number(isFirst(letter) || isSecond(letter)));
  const relevant: number[] = [];
  for (let position = 0; position < lanes.count; position++)
    if (isRelevant[lanes.letters[position]!] === 1) relevant.push(position);
  return relevant.sort((a, b) => rowAt(view, a) - rowAt(view, b));
}
