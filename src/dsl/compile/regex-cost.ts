import {
  type Alternative,
  type Atom,
  type Disjunction,
  RegExpParser,
} from "@chevrotain/regexp-to-ast";

/**
 * Why a regular expression is not proven to take linear time on every text, in words; null when it
 * is. The engine underneath tries every way to match, so a proof is that there is one way only:
 * nothing repeated or optional may begin like what follows it, and no two alternatives of a group
 * may begin alike. A run without end must be set off from what stands before it, or it would be
 * scanned again from each of its characters. What needs more than that is a glob, or several atoms.
 */
export function regexFault(source: string): string | null {
  if (source.length > LONGEST) return `is longer than ${LONGEST} characters`;
  try {
    new RegExp(source);
    const { value } = new RegExpParser().pattern(`/${source}/`);
    for (const alternative of value.value) checkWhole(alternative);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    return `cannot be read: ${(error as Error).message.replace(/^.*: /, "").split("\n")[0]}`;
  }
}

class Fault extends Error {}

const LONGEST = 200;
/** A bounded run up to here costs no more than a longer pattern would. */
const SHORT_RUN = 64;

/** One bit per ASCII character, one more for all others together. */
type Chars = bigint;
const OTHERS = 1n << 128n;
const EVERY: Chars = OTHERS * 2n - 1n;

type Item =
  | { readonly kind: "run"; readonly chars: Chars; readonly min: number; readonly max: number }
  | {
      readonly kind: "group";
      readonly of: readonly (readonly Item[])[];
      readonly optional: boolean;
    };

function checkWhole(alternative: Alternative): void {
  const anchored = alternative.value[0]?.type === "StartAnchor";
  checkSequence(itemsOf(alternative), [], anchored ? null : []);
}

/**
 * @param before characters that stand before it on every way; null when it is anchored.
 */
function checkSequence(
  items: readonly Item[],
  after: readonly Item[],
  before: readonly Chars[] | null,
): void {
  let seen = before;
  items.forEach((item, index) => {
    const rest = [...items.slice(index + 1), ...after];
    if (item.kind === "run") {
      checkRun(item, rest, seen);
      if (item.min > 0) seen = seen && [...seen, item.chars];
      return;
    }
    checkAlternatives(item.of);
    if (item.optional && overlap(firstOf([item]), firstOf(rest)))
      throw new Fault("has an optional group that begins like what follows it");
    for (const one of item.of) checkSequence(one, rest, seen);
  });
}

function checkRun(
  { chars, min, max }: Item & { kind: "run" },
  rest: readonly Item[],
  before: readonly Chars[] | null,
): void {
  if (min !== max && overlap(chars, firstOf(rest)))
    throw new Fault("repeats something that what follows can begin with");
  // Where nothing follows, the first try succeeds.
  const mayFail = rest.length > 0;
  if (max > SHORT_RUN && mayFail && before?.every((one) => overlap(one, chars)))
    throw new Fault("has a run that is not set off from what stands before it");
}

/** Pairwise: somewhere in their fixed beginnings no character fits both. */
function checkAlternatives(of: readonly (readonly Item[])[]): void {
  const heads = of.map(fixedHead);
  heads.forEach((head, index) => {
    for (const other of heads.slice(index + 1))
      if (!head.some((chars, at) => at < other.length && !overlap(chars, other[at]!)))
        throw new Fault("has a group with alternatives that begin alike");
  });
}

function fixedHead(items: readonly Item[]): Chars[] {
  const head: Chars[] = [];
  for (const item of items) {
    if (item.kind === "group") break;
    for (let i = 0; i < Math.min(item.min, SHORT_RUN); i++) head.push(item.chars);
    if (item.min !== item.max) break;
  }
  return head;
}

const overlap = (a: Chars, b: Chars): boolean => (a & b) !== 0n;

/** Characters that the items can begin with. */
function firstOf(items: readonly Item[]): Chars {
  let first = 0n;
  for (const item of items) {
    if (item.kind === "run") first |= item.max > 0 ? item.chars : 0n;
    else for (const one of item.of) first |= firstOf(one);
    if (!canBeEmpty(item)) break;
  }
  return first;
}

const canBeEmpty = (item: Item): boolean =>
  item.kind === "run"
    ? item.min === 0
    : item.optional || item.of.some((one) => one.every(canBeEmpty));

function itemsOf({ value }: Alternative): Item[] {
  return value.flatMap((term): Item[] => {
    switch (term.type) {
      case "Character":
      case "Set":
        return [{ kind: "run", chars: charsOf(term), ...timesOf(term) }];
      case "Group":
        return [groupOf(term.value, timesOf(term))];
      case "StartAnchor":
        return [];
      case "EndAnchor":
      case "WordBoundary":
      case "NonWordBoundary":
        // Takes no character, but may fail.
        return [{ kind: "run", chars: 0n, min: 0, max: 0 }];
      default:
        throw new Fault("looks around or refers back");
    }
  });
}

function groupOf({ value }: Disjunction, { min, max }: { min: number; max: number }): Item {
  if (max !== 1) throw new Fault("repeats a group");
  return { kind: "group", of: value.map(itemsOf), optional: min === 0 };
}

const timesOf = ({ quantifier }: Atom): { min: number; max: number } => ({
  min: quantifier?.atLeast ?? 1,
  max: quantifier?.atMost ?? 1,
});

function charsOf(atom: Atom & { type: "Character" | "Set" }): Chars {
  if (atom.type === "Character") return bit(atom.value);
  let chars = 0n;
  for (const part of atom.value) {
    const { from, to } = typeof part === "number" ? { from: part, to: part } : part;
    for (let code = from; code <= Math.min(to, 128); code++) chars |= bit(code);
    chars |= bit(to);
  }
  // Some of the other characters may be left over by a complement, so all count.
  return atom.complement ? (EVERY ^ chars) | OTHERS : chars;
}

const bit = (code: number): Chars => (code < 128 ? 1n << BigInt(code) : OTHERS);
