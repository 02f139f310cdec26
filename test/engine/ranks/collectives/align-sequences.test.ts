import { expect, test } from "vitest";
import { alignSequences } from "../../../../src/engine/ranks/collectives/align-sequences.ts";

function sequence(keys: string, end: readonly number[] = [...keys].map((_, at) => at * 10)) {
  return { keys: [...keys], end };
}
const plain = (positions: readonly Int32Array[]) => positions.map((one) => [...one]);

test("equal sequences match one by one, whatever the clocks say", () => {
  const late = sequence("aab", [1005, 1900, 5000]);
  expect(plain(alignSequences([sequence("aab"), late]))).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test("what a rank saw before the others is found by the pace of the ends", () => {
  const ends = [0, 13, 20, 41, 47, 90];
  const early = sequence("aaaaaa", ends);
  const late = sequence(
    "aaaa",
    ends.slice(2).map((end) => end + 7_777),
  );
  expect(plain(alignSequences([early, late]))).toEqual([
    [2, 3, 4, 5],
    [0, 1, 2, 3],
  ]);
});

test("keys that differ leave the common start and end", () => {
  expect(plain(alignSequences([sequence("abxcd"), sequence("abyzcd")]))).toEqual([
    [0, 1, 3, 4],
    [0, 1, 4, 5],
  ]);
});

test("only what every rank has is left; nothing in common is nothing", () => {
  expect(plain(alignSequences([sequence("ab"), sequence("abc"), sequence("ax")]))).toEqual([
    [0],
    [0],
    [0],
  ]);
  expect(plain(alignSequences([sequence("a"), sequence("b")]))).toEqual([[], []]);
});
