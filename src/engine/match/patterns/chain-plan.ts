import type { ChainPattern, Link, PatternStep } from "../../../model/rule.ts";
import type { Nanoseconds } from "../../../model/trace/units.ts";

/** Kernels that `past` lets stand between two steps; a longer run of them parts the chain. */
export const PAST_LIMIT = 64;

/** A pattern step with its class as a bit of the class table. */
export interface PlanStep {
  readonly bit: number;
  readonly min: number;
  readonly max: number;
}

export interface PlanLink {
  readonly skip: number;
  readonly gap: Nanoseconds | null;
  readonly past: readonly number[];
  readonly without: readonly number[];
}

/** A chain ready to run: what stands between any two steps, absent optional ones left out. */
export interface ChainPlan {
  readonly steps: readonly PlanStep[];
  /** What may stand between step `from` and step `to`, from < to, when those between are absent. */
  link(from: number, to: number): PlanLink;
  /** True when every step in [from, to) may be absent. */
  optional(from: number, to: number): boolean;
  /** Upper bound of the ways to place it from one start. */
  readonly ways: number;
}

/** Between kernels of one repeated step nothing may stand. */
export const BARE_LINK: PlanLink = { skip: 0, gap: null, past: [], without: [] };

export function planChain(pattern: ChainPattern, bitOf: (classId: number) => number): ChainPlan {
  const steps = planSteps(pattern.steps, bitOf);
  if (pattern.links.length !== steps.length - 1)
    throw new Error(`a chain of ${steps.length} steps has ${pattern.links.length} links`);
  const links = pattern.links.map((link) => planLink(link, bitOf));
  const merged = steps.map((_, from) => {
    const row: PlanLink[] = [];
    for (let to = from + 1; to < steps.length; to++) {
      const link = links[to - 1]!;
      row[to] = to === from + 1 ? link : mergeLinks(row[to - 1]!, link);
    }
    return row;
  });
  return {
    steps,
    link: (from, to) => merged[from]![to]!,
    optional: (from, to) => steps.slice(from, to).every((step) => step.min === 0),
    ways: countWays(steps, links),
  };
}

export function planSteps(
  steps: readonly PatternStep[],
  bitOf: (classId: number) => number,
): readonly PlanStep[] {
  if (steps.length === 0) throw new Error("a pattern needs a step");
  if (steps.every((step) => step.max < 1)) throw new Error("a pattern needs a kernel");
  return steps.map(({ class: classId, min, max }) => ({ bit: bitOf(classId), min, max }));
}

function countWays(steps: readonly PlanStep[], links: readonly PlanLink[]): number {
  const lengths = steps.map(({ min, max }) => max - min + 1);
  const skips = links.map(({ skip, past }) => 1 + skip + (past.length > 0 ? PAST_LIMIT : 0));
  return [...lengths, ...skips].reduce((product, factor) => product * factor, 1);
}

function planLink(link: Link, bitOf: (classId: number) => number): PlanLink {
  return { ...link, past: link.past.map(bitOf), without: link.without.map(bitOf) };
}

/**
 * The links into and out of an absent step act as one: the looser of the two limits, everything
 * either lets past or forbids. Equal links merge to themselves.
 */
function mergeLinks(a: PlanLink, b: PlanLink): PlanLink {
  return {
    skip: Math.max(a.skip, b.skip),
    gap: a.gap === null || b.gap === null ? null : Math.max(a.gap, b.gap),
    past: [...new Set([...a.past, ...b.past])],
    without: [...new Set([...a.without, ...b.without])],
  };
}
