/** A set of UTF-16 units as sorted ranges that do not touch. */
export type Letters = readonly (readonly [from: number, to: number])[];

const LAST = 0xffff;

export const NO_LETTERS: Letters = [];
export const ALL_LETTERS: Letters = [[0, LAST]];

export function letters(...ranges: readonly (readonly [number, number])[]): Letters {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function oneLetter(text: string): Letters {
  const unit = text.charCodeAt(0);
  return [[unit, unit]];
}

export function eitherLetters(a: Letters, b: Letters): Letters {
  return letters(...a, ...b);
}

export function otherLetters(set: Letters): Letters {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) rest.push([next, LAST]);
  return rest;
}

export function lettersMeet(a: Letters, b: Letters): boolean {
  return a.some(([from, to]) => b.some(([low, high]) => from <= high && low <= to));
}

const DIGITS = letters([48, 57]);
const WORDS = letters([48, 57], [65, 90], [95, 95], [97, 122]);
/** White space as JavaScript has it. */
const SPACES = letters(
  [9, 13],
  [32, 32],
  [160, 160],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
);
export const LINE_ENDS = letters([10, 10], [13, 13], [0x2028, 0x2029]);

/** What `\d` and its like stand for, by their letter. */
export const LETTER_CLASSES: Readonly<Record<string, Letters>> = {
  d: DIGITS,
  D: otherLetters(DIGITS),
  w: WORDS,
  W: otherLetters(WORDS),
  s: SPACES,
  S: otherLetters(SPACES),
};
