import { firstIndex } from "../../base/first-index.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import { type Letters, letterInClass } from "./classes/letters.ts";
import type { Lanes } from "./lanes.ts";

/** One stage as the pattern matchers see it: lanes of letters, times, and which kernels are spoken for. */
export interface StageView {
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  readonly lanes: Lanes;
  readonly letters: Letters;
  /** Per position: number of the claim that took the kernel, compared with `claim`. */
  readonly takenBy: Uint32Array;
  /** Claim number of the rule being matched; raising it frees every kernel for the next rule. */
  claim: number;
  /** Steps of search the rule being matched has taken. */
  work: number;
}

/**
 * Steps one rule may take in a stage: so many, and so many for each kernel. The rules of this
 * project take at most a few for each; only a rule made of choices that conditions undo one by one
 * takes more, and such a rule is left out rather than waited for.
 */
const MOST_WORK = 2_000_000;
const MOST_WORK_PER_KERNEL = 100;

/** @throws Error when the rule has taken more steps than a rule may. */
export function spend(view: StageView, steps: number): void {
  view.work += steps;
  const most = MOST_WORK + MOST_WORK_PER_KERNEL * view.lanes.count;
  if (view.work > most)
    throw new Error(
      `it tries more than ${most} ways on ${view.lanes.count} kernels; use smaller skips, repeats and windows`,
    );
}

export function isIn(view: StageView, position: number, bit: number): boolean {
  return letterInClass(view.letters, view.lanes.letters[position]!, bit);
}

export function isFree(view: StageView, position: number): boolean {
  return view.takenBy[position] !== view.claim;
}

export function take(view: StageView, position: number): void {
  view.takenBy[position] = view.claim;
}

export function rowAt(view: StageView, position: number): Row {
  return view.lanes.rows[position]!;
}

/** Where a row of the stage stands: a binary search in its stream's lane. */
export function positionOf(view: StageView, row: Row): number {
  const { rows, starts } = view.lanes;
  const { stream } = view.graph.trace.gpu;
  const lane = starts.findIndex((start) => stream[rows[start]!] === stream[row]);
  return firstIndex(starts[lane]!, starts[lane + 1]! - 1, (at) => rows[at]! >= row);
}

export function stepAt(view: StageView, position: number): number {
  return view.graph.stepOf[rowAt(view, position)]!;
}

/**
 * Idle time of the stream from the end of the kernel at `from` to the start of the one at `to`
 * (both on one lane): kernels standing between are not idle, overlaps count nothing.
 */
export function idleBetween(view: StageView, from: number, to: number): Nanoseconds {
  const { gpu } = view.graph.trace;
  let end = gpuEnd(gpu, rowAt(view, from));
  let idle = 0;
  for (let position = from + 1; position <= to; position++) {
    const row = rowAt(view, position);
    idle += Math.max(0, gpu.start[row]! - end);
    end = Math.max(end, gpuEnd(gpu, row));
  }
  return idle;
}
