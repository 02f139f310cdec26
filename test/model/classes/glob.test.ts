import { expect, test } from "vitest";
import { compileGlob, matchesGlob } from "../../../src/model/classes/glob.ts";

const matches = (glob: string, text: string) => matchesGlob(compileGlob(glob), text);

test("a glob covers the whole string and knows only the star", () => {
  expect(matches("*RMSNormKernel*", "void flashinfer::norm::RMSNormKernel<8u>")).toBe(true);
  expect(matches("RMSNormKernel", "FusedAddRMSNormKernel")).toBe(false);
  expect(matches("a*b", "ab")).toBe(true);
  expect(matches("a*a", "a")).toBe(false);
  expect(matches("*", "")).toBe(true);
  expect(matches("a?c", "abc")).toBe(false);
  expect(matches("*x*y*", "..y..x..")).toBe(false);
});

test("many stars stay linear", () => {
  const started = performance.now();
  expect(matches(`${"*a".repeat(40)}*b`, "a".repeat(100_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});
