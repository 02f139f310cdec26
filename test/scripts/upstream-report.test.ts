import { expect, test } from "vitest";
import { upstreamReport, wheelsOf } from "../../scripts/upstream-report.ts";
import type { KernelFamily } from "../../src/commands/rules/coverage.ts";
import type { VerifiedSources } from "../../src/commands/rules/lock.ts";
import type { VerifiedReleases } from "../../src/commands/rules/release.ts";

test("wheels are told by their names; of several versions the newest counts", () => {
  expect(
    wheelsOf([
      "sglang-0.5.9-cp312-cp312-manylinux_2_34_x86_64.whl",
      "sglang-0.5.23-cp312-cp312-manylinux_2_34_x86_64.whl",
      "tokenspeed-0.1.1-py3-none-any.whl",
      "tokenspeed_kernel-0.1.4-cp312-cp312-manylinux_2_28_x86_64.whl",
      "numpy-2.0-py3-none-any.whl",
      "notes.txt",
    ]),
  ).toEqual([
    { repo: "sglang", version: "0.5.23", wheels: [expect.stringContaining("sglang-0.5.23")] },
    {
      repo: "tokenspeed",
      version: "0.1.1",
      wheels: [expect.stringMatching(/^tokenspeed-/), expect.stringMatching(/^tokenspeed_kernel-/)],
    },
  ]);
});

const place = (path: string, state: "ok" | "gone", rules: readonly string[]) => ({
  ...{ path, symbol: null, state, at: null, rules },
});
const releases = (isCurrent: boolean): VerifiedReleases => ({
  releases: [
    {
      ...{ repo: "sglang", version: "0.5.23", lost: ["old-rule"] },
      places: new Map([
        ["a.py", place("a.py", "ok", ["a"])],
        ["b.py#f|g", place("b.py", "gone", ["old-rule"])],
      ]),
    },
  ],
  ...{ file: "releases.tsv", updated: "", isCurrent },
});
const NOTHING = { repos: [] } as unknown as VerifiedSources;
const family = (symbol: string, rules: readonly string[]): KernelFamily => ({
  ...{ path: "k.py", line: 3, compiler: "triton", symbol, printed: symbol, variants: 1 },
  ...{ category: "norm", categoryFrom: "words", isFused: true, rules },
});

test("the issue says what is gone and what no rule knows; names cannot break its tables", () => {
  const trees = [
    { repo: "sglang", root: "", commit: null, families: [family("x_y", []), family("z", ["r"])] },
  ];
  const { text, isNews } = upstreamReport(releases(false), NOTHING, trees);
  expect(isNews).toBe(true);
  expect(text).toContain("| sglang 0.5.23 | 2 | 0 | 1 | 0 | `old-rule` |");
  expect(text).toContain("| `b.py#f\\|g` | gone | `old-rule` |");
  expect(text).toContain("| sglang | 2 | 0 (0.0 %) | 2 | 1 (50.0 %) |");
  expect(text).toContain("| sglang | `x_y` | k.py:3 |");
  expect(text).not.toContain("`z`");
});

test("what the lock says already is no news; a switch that stands nowhere is", () => {
  expect(upstreamReport(releases(true), NOTHING, []).isNews).toBe(false);
  const dead = {
    repos: [{ repo: "sglang", switches: [{ word: "--gone", rule: "r" }], unmatched: [] }],
  } as unknown as VerifiedSources;
  const { text, isNews } = upstreamReport(releases(true), dead, []);
  expect(isNews).toBe(true);
  expect(text).toContain("| sglang | `--gone` | `r` |");
});
