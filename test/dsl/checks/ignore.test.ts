import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lintTexts } from "../../../src/commands/rules/lint.ts";
import { CODES, codeOf } from "../../../src/dsl/checks/codes.ts";
import { readRuleTexts } from "../../../src/dsl/read-rule-texts.ts";

const BASE = "test/dsl/checks/base";
const PATH = "fuse/sglang/ignored-nothing.fuse";
/** Its comment stands above a link whose idle time this leaves unbounded. */
const RULE = readFileSync("test/dsl/checks/mistakes/ignored-nothing.fuse", "utf8").replace(
  "-> [gap 10us]",
  "->",
);

async function codesWith(comment: string): Promise<string[]> {
  const texts = readRuleTexts(BASE);
  const text = RULE.replace(/\/\/ lint-ignore .*/, comment);
  const files = [...texts.files, { path: PATH, file: `${BASE}/${PATH}`, text }];
  const { diagnostics } = await lintTexts(BASE, { ...texts, files }, null, { today: null });
  return diagnostics.map(({ code }) => code);
}

test("a comment names what it ignores, or gives its number", async () => {
  expect(await codesWith("// nothing")).toEqual(["unbounded-gap"]);
  for (const code of ["unbounded-gap", "F041"])
    expect(await codesWith(`// lint-ignore ${code}: they follow at once`)).toEqual([]);
  expect(await codesWith("// lint-ignore F041, F040: they follow at once")).toEqual([
    "unused-ignore",
  ]);
  expect(await codesWith("// lint-ignore F999: they follow at once")).toContain("ignore-comment");
});

test("a comment of another shape is read in no time and ignores nothing", async () => {
  const start = performance.now();
  expect(await codesWith(`// lint-ignore ${"a".repeat(5000)}!: x`)).toEqual(["unbounded-gap"]);
  expect(performance.now() - start).toBeLessThan(2000);
});

test("numbers are one code each", () => {
  const numbers = Object.values(CODES).map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(codeOf("F029")).toBe("unreachable-state");
  expect(codeOf("unreachable-state")).toBe("unreachable-state");
  expect(codeOf("F016")).toBeNull();
});
