import { expect, test } from "vitest";
import { nearestWord } from "../../src/base/nearest.ts";

const OPTIONS = ["format", "framework", "formal-input", "min-share", "rank"];

test.each([
  ["formt", "format"],
  ["fromat", "format"],
  ["frameworks", "framework"],
  ["min-shar", "min-share"],
  ["RANK", "rank"],
])("%s means %s", (typed, meant) => {
  expect(nearestWord(typed, OPTIONS)).toBe(meant);
});

test.each(["x", "colour", "zzzzzz", ""])("nothing is near %j", (typed) => {
  expect(nearestWord(typed, OPTIONS)).toBeNull();
});

test("the earlier of two equally near words wins", () => {
  expect(nearestWord("norn", ["norm", "nory"])).toBe("norm");
});

test.each([
  [
    "sgl-add-rmsnorm",
    ["sgl-rmsnorm-add", "sgl-ad-rmsnrom", "trtllm-add-rmsnorm"],
    "sgl-ad-rmsnrom",
  ],
  // The letters of an anagram are all there, so only aligning the two tells them apart.
  ["abcdef", ["fedcba", "abcdfe"], "abcdfe"],
  ["abcdef", ["fedcba"], null],
])("of %s and %j it takes %s", (typed, known, meant) => {
  expect(nearestWord(typed, known)).toBe(meant);
});
