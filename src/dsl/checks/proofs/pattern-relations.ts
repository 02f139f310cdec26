import type {
  ChainPattern,
  ClassId,
  Link,
  Pattern,
  PatternStep,
  StatePattern,
} from "../../../model/rule.ts";
import { type Bits, contains } from "./bits.ts";
import type { DictionaryClasses } from "./class-bits.ts";
import type { ClassMeetings } from "./class-meeting.ts";

/** Steps of a pattern, in the order they are written. */
export function stepsOf(pattern: Pattern): readonly PatternStep[] {
  return pattern.kind === "overlap" ? [pattern.first, pattern.second] : pattern.steps;
}

/** Least or greatest number of kernels in one occurrence. */
export function spanOf(pattern: Pattern, bound: "min" | "max"): number {
  return stepsOf(pattern).reduce((sum, step) => sum + step[bound], 0);
}

/**
 * Kernels on which an occurrence of the one pattern may lie wholly within one of the other, one
 * per step of the shorter; null when that cannot be. Chains are laid over each other step by step,
 * optional steps both present and absent; a group in any order meets whatever has all its kinds.
 */
export function meetingOf(
  a: Pattern,
  b: Pattern,
  meetings: ClassMeetings,
): readonly string[] | null {
  if (a.kind === "overlap" || b.kind === "overlap") {
    if (a.kind !== "overlap" || b.kind !== "overlap") return null;
    return (
      aligned([a.first.class, a.second.class], [b.first.class, b.second.class], 0, meetings) ??
      aligned([a.first.class, a.second.class], [b.second.class, b.first.class], 0, meetings)
    );
  }
  const isOrdered = a.kind === "chain" && b.kind === "chain";
  for (const x of variantsOf(a))
    for (const y of variantsOf(b)) {
      const [short, long] = x.length <= y.length ? [x, y] : [y, x];
      const found = isOrdered ? slid(short, long, meetings) : placed(short, long, meetings);
      if (found !== null) return found;
    }
  return null;
}

/** Optional steps double the variants; beyond this many they are taken as present. */
const MOST_OPTIONAL = 3;

/** The class per kernel, each run of a step counted once. */
function variantsOf({ steps }: { readonly steps: readonly PatternStep[] }): ClassId[][] {
  const optional = steps.filter(({ min }) => min === 0).length;
  if (optional > MOST_OPTIONAL) return [steps.map((step) => step.class)];
  return steps
    .reduce<ClassId[][]>(
      (variants, step) => [
        ...variants.map((it) => [...it, step.class]),
        ...(step.min === 0 ? variants : []),
      ],
      [[]],
    )
    .filter((variant) => variant.length > 0);
}

function slid(
  short: readonly ClassId[],
  long: readonly ClassId[],
  meetings: ClassMeetings,
): readonly string[] | null {
  for (let offset = 0; offset + short.length <= long.length; offset++) {
    const found = aligned(short, long, offset, meetings);
    if (found !== null) return found;
  }
  return null;
}

function aligned(
  short: readonly ClassId[],
  long: readonly ClassId[],
  offset: number,
  meetings: ClassMeetings,
): readonly string[] | null {
  const names: string[] = [];
  for (const [index, id] of short.entries()) {
    const name = meetings.example(id, long[offset + index]!);
    if (name === null) return null;
    names.push(name);
  }
  return names;
}

/** Each of the shorter's classes on a step of its own of the longer's, whatever the order. */
function placed(
  short: readonly ClassId[],
  long: readonly ClassId[],
  meetings: ClassMeetings,
): readonly string[] | null {
  const [first, ...rest] = short;
  if (first === undefined) return [];
  for (const [index, id] of long.entries()) {
    const name = meetings.example(first, id);
    if (name === null) continue;
    const others = placed(rest, long.toSpliced(index, 1), meetings);
    if (others !== null) return [name, ...others];
  }
  return null;
}

/**
 * Does every occurrence of `longer` hold kernels that `shorter` takes first? Only said where it is
 * certain over the dictionary: chains of single kernels, `shorter` nowhere stricter.
 */
export function alwaysTakes(
  shorter: StatePattern,
  longer: StatePattern,
  classes: DictionaryClasses,
): boolean {
  if (shorter.where.length > 0 || shorter.repeat.min > 1) return false;
  const [a, b] = [shorter.pattern, longer.pattern];
  if (a.kind !== "chain") return false;
  if (a.steps.some(({ min, max }) => min !== 1 || max !== 1)) return false;
  if (a.steps.length === 1)
    return stepsOf(b).some(({ class: id, min }) => min > 0 && covers(classes, a.steps[0]!, id));
  if (b.kind !== "chain") return false;
  return b.steps.some((_, offset) => liesAt(a, b, offset, classes));
}

function covers(classes: DictionaryClasses, outer: PatternStep, inner: ClassId): boolean {
  if (outer.class === inner) return true;
  const { may } = classes.of(inner);
  return hasAny(may) && contains(classes.of(outer.class).must, may);
}

const hasAny = (bits: Bits): boolean => bits.some((word) => word !== 0);

function liesAt(
  a: ChainPattern,
  b: ChainPattern,
  offset: number,
  classes: DictionaryClasses,
): boolean {
  if (offset + a.steps.length > b.steps.length) return false;
  return (
    a.steps.every((step, i) => {
      const other = b.steps[offset + i]!;
      return other.min === 1 && other.max === 1 && covers(classes, step, other.class);
    }) && a.links.every((link, i) => isLooser(link, b.links[offset + i]!))
  );
}

/** Lets through whatever `strict` lets through. */
function isLooser(loose: Link, strict: Link): boolean {
  const gapFits = loose.gap === null || (strict.gap !== null && strict.gap <= loose.gap);
  return (
    gapFits &&
    loose.skip >= strict.skip &&
    loose.without.every((id) => strict.without.includes(id)) &&
    strict.past.every((id) => loose.past.includes(id))
  );
}
