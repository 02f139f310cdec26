import type { ChainPattern } from "../../../model/rule.ts";
import { conditionText, durationText, stepText } from "../../../model/rule-text.ts";
import { type ChainPlan, PAST_LIMIT } from "../../match/patterns/chain-plan.ts";
import { idleBetween, isIn, rowAt, stepAt } from "../../match/stage-view.ts";
import type { PatternExplainer } from "./pattern-explainer.ts";
import type { Attempt, StopClause, WindowKernel } from "./stops.ts";

/** How far ahead an explanation looks for the next step: beyond that nobody would call it near. */
const LOOK_AHEAD = 32;

/**
 * Follows the chain from every kernel that could begin it, taking the nearest kernel for each
 * step, up to the clause that says no. Where the chain holds there is nothing to explain.
 */
export function* chainAttempts(explainer: PatternExplainer<"chain">): Generator<Attempt> {
  const { view, pattern } = explainer;
  const { steps } = pattern.plan;
  const begins = steps.slice(0, 1 + steps.findIndex((step) => step.min > 0));
  for (let lane = 0; lane < view.lanes.starts.length - 1; lane++) {
    const end = view.lanes.starts[lane + 1]!;
    for (let at = view.lanes.starts[lane]!; at < end; at++) {
      if (explainer.isHeld(at) || !begins.some((step) => isIn(view, at, step.bit))) continue;
      const attempt = new Walk(explainer, end).from(at);
      if (attempt !== null) yield attempt;
    }
  }
}

/** One attempt. */
class Walk {
  readonly #explainer: PatternExplainer<"chain">;
  readonly #laneEnd: number;
  readonly #plan: ChainPlan;
  readonly #source: ChainPattern;
  readonly #runs: (readonly number[])[] = [];
  #reached = 0;

  constructor(explainer: PatternExplainer<"chain">, laneEnd: number) {
    this.#explainer = explainer;
    this.#laneEnd = laneEnd;
    this.#plan = explainer.pattern.plan;
    this.#source = explainer.pattern.source.pattern as ChainPattern;
  }

  from(start: number): Attempt | null {
    let previous = -1;
    for (const [index, step] of this.#plan.steps.entries()) {
      this.#runs[index] = [];
      const first =
        previous < 0 ? this.#firstAt(start, step.bit) : this.#nearest(previous, step.bit);
      const stop =
        first === null
          ? this.#stop(
              index,
              "missing",
              this.#stepText(index),
              `none in the next ${LOOK_AHEAD} kernels`,
              LOOK_AHEAD,
              null,
            )
          : previous < 0
            ? null
            : this.#linkStop(previous, index, first);
      if (first === null || stop !== null) {
        if (step.min === 0) continue;
        return stop;
      }
      const run = this.#run(first, step.bit, step.max);
      if (run.length < step.min)
        return this.#stop(
          index,
          "repeat",
          this.#stepText(index),
          `${run.length} in a row`,
          step.min - run.length,
          first,
        );
      this.#runs[index] = run;
      this.#reached++;
      previous = index;
    }
    const broken = this.#explainer.brokenCondition(this.#runs);
    if (broken < 0) return null;
    const where = conditionText(this.#explainer.pattern.source.where[broken]!);
    return this.#stop(
      this.#plan.steps.length,
      "where",
      `where ${where}`,
      "it does not hold",
      1,
      null,
    );
  }

  #firstAt(start: number, bit: number): number | null {
    return isIn(this.#explainer.view, start, bit) ? start : null;
  }

  /** Nearest kernel of a class after the last one assigned. */
  #nearest(previous: number, bit: number): number | null {
    const last = this.#lastOf(previous);
    const end = Math.min(this.#laneEnd, last + 1 + LOOK_AHEAD);
    for (let at = last + 1; at < end; at++) if (isIn(this.#explainer.view, at, bit)) return at;
    return null;
  }

  #run(first: number, bit: number, max: number): readonly number[] {
    const { view } = this.#explainer;
    const run = [first];
    while (run.length < max && run.at(-1)! + 1 < this.#laneEnd && isIn(view, run.at(-1)! + 1, bit))
      run.push(run.at(-1)! + 1);
    return run;
  }

  /** The first clause of the link that `first` does not pass; null when it passes all. */
  #linkStop(previous: number, index: number, first: number): Attempt | null {
    const { view, nameOf, isHeld } = this.#explainer;
    const link = this.#plan.link(previous, index);
    const last = this.#lastOf(previous);
    const between = Array.from({ length: first - last - 1 }, (_, i) => last + 1 + i);
    const inAny = (at: number, bits: readonly number[]): boolean =>
      bits.some((bit) => isIn(view, at, bit));
    const stop = (clause: StopClause, wanted: string, saw: string, off: number): Attempt =>
      this.#stop(index, clause, wanted, saw, off, first);

    const forbidden = between.find((at) => inAny(at, link.without));
    if (forbidden !== undefined)
      return stop(
        "without",
        `without ${this.#forbidding(link.without, forbidden)}`,
        nameOf(forbidden),
        1,
      );
    const past = between.filter((at) => inAny(at, link.past));
    const counted = between.filter((at) => !inAny(at, link.past));
    const names = counted.map(nameOf).join(", ");
    if (counted.length > link.skip)
      return stop(
        "skip",
        `skip ${link.skip}`,
        `${counted.length} between: ${names}`,
        counted.length - link.skip,
      );
    if (past.length > PAST_LIMIT)
      return stop(
        "past",
        `past at most ${PAST_LIMIT}`,
        `${past.length} between`,
        past.length - PAST_LIMIT,
      );
    const idle = idleBetween(view, last, first);
    if (link.gap !== null && idle > link.gap)
      return stop(
        "gap",
        `gap ${durationText(link.gap)}`,
        `${durationText(idle)} idle`,
        idle - link.gap,
      );
    if (link.gap === null && stepAt(view, first) !== stepAt(view, last))
      return stop("step", "one scheduler step, as there is no gap", "it belongs to another one", 1);
    return isHeld(first)
      ? stop("claimed", "a free kernel", "another occurrence holds it", 1)
      : null;
  }

  #forbidding(bits: readonly number[], position: number): string {
    const { view, classNameOf } = this.#explainer;
    return classNameOf(bits.find((bit) => isIn(view, position, bit))!);
  }

  #lastOf(step: number): number {
    return this.#runs[step]!.at(-1)!;
  }

  #stepText(index: number): string {
    return stepText(this.#explainer.ruleSet, this.#source.steps[index]!);
  }

  #stop(
    step: number,
    clause: StopClause,
    wanted: string,
    saw: string,
    off: number,
    next: number | null,
  ): Attempt {
    const line = this.#lineOf(step, clause);
    const window = this.#window(next, step);
    return { reached: this.#reached, step, clause, line, wanted, saw, off, window };
  }

  #lineOf(step: number, clause: StopClause): number | null {
    const isLink = ["skip", "past", "gap", "without", "step"].includes(clause);
    const place = isLink ? this.#source.links[step - 1] : this.#source.steps[step];
    return place?.line ?? this.#explainer.pattern.source.line ?? null;
  }

  /** From the first assigned kernel to the one that was refused, or one past the last assigned. */
  #window(next: number | null, step: number): readonly WindowKernel[] {
    const stepOf = new Map(
      this.#runs.flatMap((run, index) => run.map((at) => [at, index] as const)),
    );
    if (next !== null) stepOf.set(next, step);
    const positions = [...stepOf.keys()];
    const first = Math.min(...positions);
    const last = Math.max(...positions);
    const until = next === null ? Math.min(this.#laneEnd - 1, last + 1) : last;
    return Array.from({ length: until - first + 1 }, (_, i) => ({
      row: rowAt(this.#explainer.view, first + i),
      step: stepOf.get(first + i) ?? null,
    }));
  }
}
