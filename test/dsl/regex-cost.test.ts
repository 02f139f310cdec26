import fc from "fast-check";
import { expect, test } from "vitest";
import { regexFault } from "../../src/dsl/compile/regex-cost.ts";

test.each([
  "gemm",
  "fp(8|4)",
  "sm(80|90)_xmma_gemm_[a-z0-9]+_tn",
  "^[a-z]+[0-9]*$",
  "<[^<>]*>",
  "kernel_(bf16|fp16|fp8)?$",
  "x?y",
  "[0-9]{1,3}u",
  "bmm_.{2}swiGlu",
  "\\bnorm\\b",
  "a|a|ab",
  "y+",
])("one way to match: /%s/", (source) => {
  expect(regexFault(source)).toBeNull();
});

test.each([
  ["(a+)+b", "repeats a group"],
  ["(ab)*", "repeats a group"],
  ["x.*y", "repeats something that what follows can begin with"],
  ["a?a?a?aaa", "repeats something that what follows can begin with"],
  ["[a-z]+b", "repeats something that what follows can begin with"],
  ["x(ab)?a", "has an optional group that begins like what follows it"],
  ["(a|ab)(c|bcd)", "has a group with alternatives that begin alike"],
  ["(a|a)(a|a)(a|a)b", "has a group with alternatives that begin alike"],
  ["[a-z]+1", "has a run that is not set off from what stands before it"],
  ["[a-z]+$", "has a run that is not set off from what stands before it"],
  ["ab[a-z]+1", "has a run that is not set off from what stands before it"],
  ["(a)\\1", "looks around or refers back"],
  ["(?=a)b", "looks around or refers back"],
  ["(?<!a)b", "looks around or refers back"],
  ["a(", "cannot be read: Unterminated group"],
  ["a".repeat(201), "is longer than 200 characters"],
])("refused: /%s/", (source, fault) => {
  expect(regexFault(source)).toBe(fault);
});

test("whatever passes is quick on long texts made of its own pieces", () => {
  const piece = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "(a|b)", "(ab|ba)", "c", "\\d", "x");
  const times = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,3}");
  const source = fc
    .array(fc.tuple(piece, times), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.flat().join(""));
  const text = fc
    .tuple(fc.stringMatching(/^[abcx1]{1,4}$/), fc.constantFrom("", "!", "ab1"))
    .map(([unit, end]) => unit.repeat(Math.ceil(20_000 / unit.length)) + end);
  fc.assert(
    fc.property(source, text, (pattern, subject) => {
      if (regexFault(pattern) !== null) return;
      const regex = new RegExp(pattern);
      const cpu = process.cpuUsage();
      regex.test(subject);
      expect(process.cpuUsage(cpu).user / 1000).toBeLessThan(200);
    }),
    { numRuns: 3000 },
  );
});
