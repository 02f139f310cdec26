import { expect, test } from "vitest";
import { pairLayers } from "../../src/diff/pairs/pair-layers.ts";
import { layerKernel } from "../report/sample-reports.ts";

/** One kernel per letter; the digit after it is its category. */
function layer(text: string) {
  return (text.match(/\w\d?/g) ?? []).map((word, position) =>
    layerKernel({ kernel: word, category: word[1] ?? word, position }),
  );
}

function pairs(before: string, after: string): string {
  return pairLayers(layer(before), layer(after))
    .map(([one, other]) => `${one?.kernel ?? "–"}:${other?.kernel ?? "–"}`)
    .join(" ");
}

test.each([
  ["a b c d", "a b c d", "a:a b:b c:c d:d"],
  ["a b c d", "c d a b", "a:a b:b c:c d:d"],
  ["a b c d", "a b x c d", "a:a b:b –:x c:c d:d"],
  ["a b1 c d", "a e1 c d", "a:a b1:e1 c:c d:d"],
  ["a b1 c d", "a e2 c d", "a:a b1:– –:e2 c:c d:d"],
  ["a b c d e", "d e a x y c", "a:a b:– –:x –:y c:c d:d e:e"],
  ["", "a", "–:a"],
])("%s and %s", (before, after, expected) => {
  expect(pairs(before, after)).toBe(expected);
});
