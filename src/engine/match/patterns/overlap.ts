import { gpuEnd } from "../../../model/trace/trace.ts";
import type { Nanoseconds } from "../../../model/trace/units.ts";
import { letterInClass } from "../classes/letters.ts";
import { isFree, isIn, rowAt, type StageView, spend, take } from "../stage-view.ts";
import type { Picks, PicksVeto } from "./any-order.ts";
import type { PlanStep } from "./chain-plan.ts";

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
  const byRow = [...sweep(plan, view)].sort(([a], [b]) => rowAt(view, a) - rowAt(view, b));
  for (const [position, partners] of byRow) {
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

/** What kernels of the first class share enough time with, by position; those with nothing are left out. */
type Partners = Map<number, Partner[]>;

function sweep(plan: OverlapPlan, view: StageView): Partners {
  const partners: Partners = new Map();
  const runningFirsts: number[] = [];
  const runningSeconds: number[] = [];
  const { gpu } = view.graph.trace;
  for (const position of relevantByStart(plan, view)) {
    const start = gpu.start[rowAt(view, position)]!;
    spend(view, 1 + runningFirsts.length + runningSeconds.length);
    keepRunning(runningFirsts, view, start);
    keepRunning(runningSeconds, view, start);
    if (isIn(view, position, plan.second.bit)) {
      for (const first of runningFirsts) addPartner(plan, view, partners, first, position);
      runningSeconds.push(position);
    }
    if (isIn(view, position, plan.first.bit)) {
      for (const second of runningSeconds) addPartner(plan, view, partners, position, second);
      runningFirsts.push(position);
    }
  }
  return partners;
}

function addPartner(
  plan: OverlapPlan,
  view: StageView,
  partners: Partners,
  first: number,
  second: number,
): void {
  const { gpu, streams } = view.graph.trace;
  const a = rowAt(view, first);
  const b = rowAt(view, second);
  const left = gpu.stream[a]!;
  const right = gpu.stream[b]!;
  if (left === right || streams[left]!.device !== streams[right]!.device) return;
  const sharedNs =
    Math.min(gpuEnd(gpu, a), gpuEnd(gpu, b)) - Math.max(gpu.start[a]!, gpu.start[b]!);
  const shorter = Math.min(gpu.duration[a]!, gpu.duration[b]!);
  if (sharedNs <= 0 || sharedNs < plan.minShare * shorter) return;
  const known = partners.get(first);
  if (known === undefined) partners.set(first, [{ position: second, sharedNs }]);
  else known.push({ position: second, sharedNs });
}

/** Drops from the list what has ended by `time`, in place. */
function keepRunning(positions: number[], view: StageView, time: Nanoseconds): void {
  const { gpu } = view.graph.trace;
  let kept = 0;
  for (const position of positions)
    if (gpuEnd(gpu, rowAt(view, position)) > time) positions[kept++] = position;
  while (positions.length > kept) positions.pop();
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
  for (let entry = 0; entry < lanes.count; entry++) {
    const position = lanes.inTime[entry]!;
    if (isRelevant[lanes.letters[position]!] === 1) relevant.push(position);
  }
  return relevant;
}
