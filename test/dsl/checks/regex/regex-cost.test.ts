import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Letters } from "../../../../src/dsl/checks/regex/letters.ts";
import { parseRegex, type RegexNode } from "../../../../src/dsl/checks/regex/parse-regex.ts";
import { regexCost } from "../../../../src/dsl/checks/regex/regex-cost.ts";

describe("shown linear", () => {
  test.each([
    "^nvjet_",
    "nvjet_tst_\\d+x\\d+",
    "^cutlass.*bf16",
    "gemm_(?:bf16|fp8)$",
    "^(?:nvjet|cutlass_\\d+)_",
    "<(?:true|false), \\d{1,4}>",
    "^[a-z_]*[0-9]+",
    "Lb[01]E[^E]*",
    "_ZN\\d+aiter",
    "^ab*c*d",
    "^(?:ab|cd)*e",
  ])("%s", (source) => {
    expect(regexCost(source)).toBeNull();
  });
});

describe("refused", () => {
  test.each([
    ["(a+)+$", "a repeat stands within a repeat"],
    ["^(a|a)*$", "alternatives under a repeat begin with the same letter"],
    ["^(a|ab)*c", "alternatives under a repeat begin with the same letter"],
    ["^.*a.*b", "two endless repeats"],
    ["^.*b*c", "two endless repeats"],
    ["\\d+x", "entered from many places"],
    ["foo.*bar", "entered from many places"],
    ["(a)\\1", "refers back"],
    ["(?=a)b", "looks ahead"],
    ["(?<!a)b", "looks ahead or behind"],
    ["^a?a?a?a?a?a?a?a?a?a?a?a?aaaa", "too many ways"],
    ["x".repeat(201), "longer than 200"],
    ["(?:a?){30}b", "a repeat stands within a repeat"],
    ["(?:)*a", "a repeat of nothing"],
  ])("%s", (source, why) => {
    expect(regexCost(source)).toContain(why);
  });
});

const ALPHABET = ["a", "b", "c"];

/** Expressions over three letters, small enough to be nasty often. */
const expression = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "[bc]"),
    fc.tuple(tie("node"), tie("node")).map(([x, y]) => x + y),
    fc.tuple(tie("node"), tie("node")).map(([x, y]) => `(?:${x}|${y})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{0,3}", "{2}"))
      .map(([x, times]) => `(?:${x})${times}`),
  ),
})).node;

test("what is shown linear takes steps in proportion to the text", () => {
  let judged = 0;
  fc.assert(
    fc.property(
      fc.constantFrom("", "^"),
      fc.array(expression, { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom(...ALPHABET), { minLength: 1, maxLength: 4 }),
      (start, parts, period) => {
        const source = start + parts.join("");
        if (source.length > 100 || regexCost(source) !== null) return;
        judged++;
        const node = parseRegex(source);
        const steps = (length: number) =>
          worst(node, period.join("").repeat(length).slice(0, length));
        expect(steps(160)).toBeLessThan(5 * steps(40) + 400);
      },
    ),
    { numRuns: 3_000, seed: 7 },
  );
  expect(judged).toBeGreaterThan(300);
});

/** Steps of a plain backtracking matcher that fails at the end, from every start. */
function worst(node: RegexNode, text: string): number {
  let steps = 0;
  const run = (it: RegexNode, at: number, then: (at: number) => void): void => {
    if (++steps > 1e6) return;
    switch (it.kind) {
      case "letter":
        if (at < text.length && holds(it.set, text.charCodeAt(at))) then(at + 1);
        return;
      case "edge":
        if (!it.isStart || at === 0) then(at);
        return;
      case "choice":
        for (const part of it.of) run(part, at, then);
        return;
      case "sequence": {
        const from = (index: number, place: number): void => {
          const part = it.of[index];
          if (part === undefined) then(place);
          else run(part, place, (end) => from(index + 1, end));
        };
        from(0, at);
        return;
      }
      case "repeat": {
        const more = (count: number, place: number): void => {
          if (count < it.most)
            run(it.of, place, (end) => {
              if (end > place || count < it.least) more(count + 1, end);
            });
          if (count >= it.least) then(place);
        };
        more(0, at);
      }
    }
  };
  for (let start = 0; start <= text.length; start++) run(node, start, () => {});
  return steps;
}

const holds = (set: Letters, unit: number): boolean =>
  set.some(([from, to]) => unit >= from && unit <= to);
