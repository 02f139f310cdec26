import { gpuEnd } from "../../../model/trace/trace.ts";
import type { Nanoseconds } from "../../../model/trace/units.ts";
import { isFree, isIn, rowAt, type StageView, spend, stepAt } from "../stage-view.ts";
import { BARE_LINK, type ChainPlan, PAST_LIMIT, type PlanLink } from "./chain-plan.ts";

/** Positions per step: a run of `length` neighbours from `first`; length 0 for an absent step. */
export interface Run {
  readonly first: number;
  readonly length: number;
}

/** Conditions between steps, asked as soon as a step is assigned. */
interface Veto {
  /** True when the steps assigned so far already rule the match out; more steps never rule it in again. */
  forbids(runs: readonly (Run | undefined)[]): boolean;
  /** Steps it looks at. */
  readonly steps: readonly number[];
}

/** Asking conditions and remembering dead ends takes as long as so many plain steps. */
const WORK_OF_CONDITIONS = 30;

/** Ways to place a chain from which on it pays to remember dead ends. */
const MANY_WAYS = 64;

/**
 * Finds the match of one chain that starts at a given position, taking smallest skips first, then
 * longest repeats, and going back on either only where the rest would not fit. The same answer as
 * the reference matcher, from the letters instead of the classes, and without trying a dead end
 * twice.
 */
export class ChainMatcher {
  readonly #plan: ChainPlan;
  readonly #view: StageView;
  readonly #veto: Veto | null;
  readonly #runs: (Run | undefined)[];
  #laneEnd = 0;
  #start = 0;
  readonly #dead: Set<string> | null;
  /** Per step the walk to it from the one before. */
  readonly #walks: readonly LinkWalk[];

  constructor(plan: ChainPlan, view: StageView, veto: Veto | null) {
    this.#plan = plan;
    this.#view = view;
    this.#veto = veto;
    this.#runs = new Array(plan.steps.length).fill(undefined);
    this.#walks = plan.steps.map(() => new LinkWalk(view));
    this.#dead = plan.ways > MANY_WAYS ? new Set() : null;
  }

  /**
   * Runs per step, until the next call; null where none starts here. `laneEnd` is the position after
   * the lane's last kernel.
   */
  matchAt(start: number, laneEnd: number): readonly Run[] | null {
    this.#start = start;
    this.#laneEnd = laneEnd;
    this.#runs.fill(undefined);
    this.#dead?.clear();
    return this.#fromStep(0, -1) ? (this.#runs as Run[]) : null;
  }

  /** @param previous last step that has kernels, -1 before the first. */
  #fromStep(index: number, previous: number): boolean {
    if (index === this.#plan.steps.length) return previous >= 0;
    const dead = this.#dead;
    if (dead !== null && dead.size > 0 && dead.has(this.#key(index, previous))) return false;
    const found =
      (previous < 0 ? this.#run(index, this.#start) : this.#across(index, previous)) ||
      this.#absent(index, previous);
    if (!found) dead?.add(this.#key(index, previous));
    return found;
  }

  /** All that the rest of the search depends on. */
  #key(index: number, previous: number): string {
    const text = (step: number): string => {
      const run = this.#runs[step];
      return run === undefined ? "-" : `${run.first},${run.length}`;
    };
    const seen = (this.#veto?.steps ?? []).filter((step) => step < index);
    return [index, previous, text(previous), ...seen.map(text)].join("|");
  }

  #absent(index: number, previous: number): boolean {
    if (this.#plan.steps[index]!.min > 0) return false;
    return this.#assign(index, { first: -1, length: 0 }, previous);
  }

  /** Tries the kernels the link allows, nearest first. */
  #across(index: number, previous: number): boolean {
    const link = this.#plan.link(previous, index);
    const run = this.#runs[previous]!;
    const last = run.first + run.length - 1;
    const walk = this.#walks[index]!;
    walk.begin(link, last, this.#laneEnd);
    while (walk.advance()) if (this.#run(index, walk.position)) return true;
    return false;
  }

  /** Step `index` starting exactly at `first`: the longest run, then shorter ones. */
  #run(index: number, first: number): boolean {
    const { bit, min, max } = this.#plan.steps[index]!;
    let length = 0;
    while (length < max && this.#fits(first, first + length, bit)) length++;
    spend(this.#view, (1 + length) * (this.#veto === null ? 1 : WORK_OF_CONDITIONS));
    for (; length >= Math.max(1, min); length--)
      if (this.#assign(index, { first, length }, index)) return true;
    return false;
  }

  #fits(first: number, position: number, bit: number): boolean {
    const view = this.#view;
    return (
      position < this.#laneEnd &&
      isFree(view, position) &&
      isIn(view, position, bit) &&
      (position === first || stepAt(view, position) === stepAt(view, position - 1))
    );
  }

  #assign(index: number, run: Run, previous: number): boolean {
    this.#runs[index] = run;
    const ok = !this.#veto?.forbids(this.#runs) && this.#fromStep(index + 1, previous);
    if (!ok) this.#runs[index] = undefined;
    return ok;
  }
}

/**
 * Walks from the last kernel of one step over what may stand before the next: `position` visits
 * every kernel the link can reach, nearest first. A link without a gap stays within its scheduler
 * step; one with a gap may cross, since nothing but time separates steps of one stream.
 *
 * One walk serves all matches of a step, one after another: there are several for every kernel.
 */
class LinkWalk {
  readonly #view: StageView;
  #link: PlanLink = BARE_LINK;
  #laneEnd = 0;
  #last = 0;
  position = 0;
  #end: Nanoseconds = 0;
  #idle: Nanoseconds = 0;
  #skipped = 0;
  #past = 0;

  constructor(view: StageView) {
    this.#view = view;
  }

  begin(link: PlanLink, last: number, laneEnd: number): void {
    this.#link = link;
    this.#laneEnd = laneEnd;
    this.#last = last;
    this.position = last;
    this.#end = gpuEnd(this.#view.graph.trace.gpu, rowAt(this.#view, last));
    this.#idle = 0;
    this.#skipped = 0;
    this.#past = 0;
  }

  /** Moves to the next reachable kernel; false when the link allows none further. */
  advance(): boolean {
    if (this.position > this.#last && !this.#mayPass(this.position)) return false;
    const next = this.position + 1;
    if (next >= this.#laneEnd) return false;
    this.position = next;
    const { gap } = this.#link;
    if (gap === null) return stepAt(this.#view, next) === stepAt(this.#view, this.#last);
    const { gpu } = this.#view.graph.trace;
    const row = rowAt(this.#view, next);
    this.#idle += Math.max(0, gpu.start[row]! - this.#end);
    this.#end = Math.max(this.#end, gpuEnd(gpu, row));
    return this.#idle <= gap;
  }

  /** Whether the kernel may stand between, counting it. */
  #mayPass(position: number): boolean {
    const { without, past, skip } = this.#link;
    if (isInAny(this.#view, position, without)) return false;
    if (isInAny(this.#view, position, past)) return ++this.#past <= PAST_LIMIT;
    return ++this.#skipped <= skip;
  }
}

function isInAny(view: StageView, position: number, bits: readonly number[]): boolean {
  for (const bit of bits) if (isIn(view, position, bit)) return true;
  return false;
}
