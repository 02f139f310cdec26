import { expect, test } from "vitest";
import { withDistinctShorts } from "../../src/names/distinct-shorts.ts";

const named = (...names: readonly (readonly [demangled: string, short: string])[]) =>
  withDistinctShorts(names.map(([demangled, short]) => ({ raw: demangled, demangled, short }))).map(
    ({ short }) => short,
  );

test("short names that would read alike say what is each one's own", () => {
  expect(
    named(
      ["Cijk_MT64_LB1_SVW4_VWA4_WG64_4_1", "Cijk_MT64…"],
      ["Cijk_MT64_LB1_SVW8_VWA8_WG64_4_1", "Cijk_MT64…"],
      ["other", "other"],
    ),
  ).toEqual(["Cijk_MT64… [SVW4_VWA4]", "Cijk_MT64… [SVW8_VWA8]", "other"]);
});

test("names that differ far behind are numbered, and never alike", () => {
  const long = (end: string): string => `k_${"x_".repeat(40)}${end}_z`;
  const shorts = named(...["a", "b", "ab"].map((end) => [long(`${end}_y_${end}`), "k…"] as const));
  expect(new Set(shorts).size).toBe(3);
  const same = `${"y".repeat(60)}`;
  const cut = named([`k_${same}1_z`, "k…"], [`k_${same}2_z`, "k…"]);
  expect(new Set(cut).size).toBe(2);
});

test("one kernel under two recorded spellings stays one", () => {
  expect(named(["f<1>", "f<…>"], ["f<1>", "f<…>"])).toEqual(["f<…>", "f<…>"]);
});
