import { parseArch } from "../../../model/arch.ts";
import { compileGlob, matchesGlob } from "../../../model/classes/glob.ts";
import { FACTS, type FactName } from "../../../model/facts.ts";
import type { Guard } from "../../../model/rule.ts";

type LikeGuard = Extract<Guard, { op: "like" }>;

/** What the guards of a rule leave of one fact. */
interface FactSpace {
  /** Null = any value; texts and architectures as written, numbers as texts. */
  readonly values: readonly string[] | null;
  /** Bounds of numbers and of the order of architectures, both included. */
  readonly least: number;
  readonly most: number;
  /** Family that a bound of an architecture speaks of. */
  readonly family: string | null;
  readonly likes: readonly LikeGuard[];
}

/** Facts a rule can apply to; a fact that is missing may have any value. */
export type GuardSpace = ReadonlyMap<FactName, FactSpace>;

const ANY: FactSpace = {
  values: null,
  least: Number.NEGATIVE_INFINITY,
  most: Number.POSITIVE_INFINITY,
  family: null,
  likes: [],
};

export function guardSpace(guards: readonly Guard[]): GuardSpace {
  const space = new Map<FactName, FactSpace>();
  for (const guard of guards)
    space.set(guard.fact, narrowed(space.get(guard.fact) ?? ANY, spaceOf(guard)));
  return space;
}

function spaceOf(guard: Guard): FactSpace {
  if (guard.op === "like") return { ...ANY, likes: [guard] };
  if (guard.op === "in") return { ...ANY, values: guard.values.map(String) };
  const arch = FACTS[guard.fact].type === "arch" ? parseArch(String(guard.value)) : null;
  const bound = arch?.order ?? Number(guard.value);
  const family = arch?.family ?? null;
  // Facts with an order are whole numbers.
  switch (guard.op) {
    case ">=":
      return { ...ANY, family, least: bound };
    case ">":
      return { ...ANY, family, least: bound + 1 };
    case "<=":
      return { ...ANY, family, most: bound };
    case "<":
      return { ...ANY, family, most: bound - 1 };
  }
}

function narrowed(a: FactSpace, b: FactSpace): FactSpace {
  const values =
    a.values === null
      ? b.values
      : b.values === null
        ? a.values
        : a.values.filter((value) => b.values!.includes(value));
  // Two families at once leave nothing.
  const clash = a.family !== null && b.family !== null && a.family !== b.family;
  return {
    values: clash ? [] : values,
    least: Math.max(a.least, b.least),
    most: Math.min(a.most, b.most),
    family: a.family ?? b.family,
    likes: [...a.likes, ...b.likes],
  };
}

/** The first fact that no value satisfies; null when there is none. */
export function impossibleFact(space: GuardSpace): FactName | null {
  for (const [fact, one] of space) if (isImpossible(fact, one)) return fact;
  const arch = space.get("arch");
  const vendors = space.get("vendor")?.values ?? null;
  if (arch !== undefined && vendors !== null) {
    const families = familiesOf(arch);
    const made = vendors.map((vendor) => FAMILY_OF_VENDOR[vendor] ?? null);
    if (families !== null && made.every((it) => it !== null && !families.includes(it)))
      return "arch";
  }
  return null;
}

const FAMILY_OF_VENDOR: Readonly<Record<string, string>> = { nvidia: "sm", amd: "gfx" };

function familiesOf({ values, family }: FactSpace): readonly string[] | null {
  if (family !== null) return [family];
  return values?.flatMap((value) => parseArch(value)?.family ?? []) ?? null;
}

function isImpossible(fact: FactName, space: FactSpace): boolean {
  const { values, least, most } = space;
  if (least > most) return true;
  return values !== null && !values.some((value) => fits(fact, value, space));
}

function fits(fact: FactName, value: string, { least, most, family, likes }: FactSpace): boolean {
  const bounded = Number.isFinite(least) || Number.isFinite(most);
  if (bounded) {
    const arch = FACTS[fact].type === "arch" ? parseArch(value) : null;
    if (family !== null && arch?.family !== family) return false;
    const order = arch?.order ?? Number(value);
    if (order < least || order > most) return false;
  }
  return likes.every((like) => isLike(value, like));
}

function isLike(value: string, { globs, except }: LikeGuard): boolean {
  const text = value.toLowerCase();
  const any = (list: readonly string[]) =>
    list.some((glob) => matchesGlob(compileGlob(glob.toLowerCase()), text));
  return any(globs) && !any(except);
}

/** Facts with a closed list of values. */
const CLOSED = (Object.keys(FACTS) as FactName[]).filter((fact) => FACTS[fact].values !== null);

/** Per closed fact the values left, one bit each: what settles most questions at once. */
export function closedValues(space: GuardSpace): readonly number[] {
  return CLOSED.map((fact) => {
    const all: readonly string[] = FACTS[fact].values!;
    const left = space.get(fact)?.values ?? all;
    return all.reduce((bits, value, at) => (left.includes(value) ? bits | (1 << at) : bits), 0);
  });
}

export function shareValues(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if ((a[i]! & b[i]!) === 0) return false;
  return true;
}

/** Can both rules apply to one trace? Globs of texts may meet when one speaks of the other's words. */
export function canMeet(a: GuardSpace, b: GuardSpace): boolean {
  const both = new Map(a);
  for (const [fact, space] of b) both.set(fact, narrowed(both.get(fact) ?? ANY, space));
  if (impossibleFact(both) !== null) return false;
  return [...both.values()].every(({ likes }) =>
    likes.every((one, i) => likes.slice(i + 1).every((other) => likesMeet(one, other))),
  );
}

/** "*qwen3*" and "*qwen3-next*" do, "*qwen3*" and "*deepseek*" do not: model names hold one family. */
function likesMeet(a: LikeGuard, b: LikeGuard): boolean {
  return a.globs.some((one) =>
    b.globs.some((other) => {
      const [x, y] = [familyOf(one), familyOf(other)];
      return (
        (x.includes(y) || y.includes(x)) && !isExcepted(x, b.except) && !isExcepted(y, a.except)
      );
    }),
  );
}

/** The first letters a glob insists on: "qwen" of "*qwen*moe*". */
const familyOf = (glob: string): string =>
  glob
    .toLowerCase()
    .split("*")
    .find((part) => part !== "") ?? "";

const isExcepted = (text: string, except: readonly string[]): boolean =>
  except.some((glob) => matchesGlob(compileGlob(glob.toLowerCase()), text));

/** Does `outer` apply wherever `inner` does? False when that cannot be said. */
export function coversGuards(outer: GuardSpace, inner: GuardSpace): boolean {
  return [...outer].every(([fact, wide]) => {
    const narrow = inner.get(fact);
    if (narrow === undefined) return false;
    if (JSON.stringify(wide) === JSON.stringify(narrow)) return true;
    if (wide.likes.length > 0)
      return (
        narrow.values?.every((value) => fits(fact, value, wide)) === true && wide.values === null
      );
    if (wide.values !== null) {
      const within = narrow.values?.filter((value) => fits(fact, value, narrow));
      return within?.every((value) => wide.values!.includes(value)) === true;
    }
    if (narrow.values !== null) return narrow.values.every((value) => fits(fact, value, wide));
    return narrow.least >= wide.least && narrow.most <= wide.most && narrow.family === wide.family;
  });
}
