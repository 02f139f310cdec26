import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildReport, type ReportDraft } from "../../src/report/build-report.ts";
import { fuse, kernel, overlap, realisticReport, report, site, stage } from "./sample-reports.ts";

function draft(given: Partial<ReportDraft>): ReportDraft {
  const { schemaVersion: _, minSharePct: __, summary: ___, hiddenRows: ____, ...rest } = report();
  return { ...rest, ...given };
}

const EVERYTHING = { minSharePct: 0, stage: null };

describe("the cut", () => {
  const rows = draft({
    stages: [
      stage({
        kernels: [0.4, 1, 40].map((sharePct) => kernel({ name: `k${sharePct}`, sharePct })),
        overlap: [
          overlap({ sharePct: 0.99, saveAtMostUs: 5_000 }),
          overlap({ sharePct: 2, saveAtMostUs: 5_000 }),
          overlap({ sharePct: 20, priority: "P3", saveAtMostUs: 5 }),
          overlap({ sharePct: 20, priority: null, saveAtMostUs: 0 }),
        ],
        fuse: [fuse({ sharePct: 0.1 })],
      }),
      stage({ stage: "prefill", kernels: [kernel({ name: "k", sharePct: 0 })] }),
    ],
  });

  test("hides and counts rows below the share, and keeps those on it", () => {
    const built = buildReport(rows, { minSharePct: 1, stage: null });
    const decode = built.stages.find((one) => one.stage === "decode")!;
    expect(decode.kernels.map(({ sharePct }) => sharePct).sort()).toEqual([1, 40]);
    expect(built.hiddenRows).toEqual({ kernels: 2, overlap: 2, fuse: 1, actions: 0 });
    expect(built.minSharePct).toBe(1);
  });

  test("keeps every row at share 0, those of no time included", () => {
    const built = buildReport(rows, EVERYTHING);
    expect(built.stages.flatMap(({ kernels }) => kernels)).toHaveLength(4);
    expect(built.hiddenRows).toEqual({ kernels: 0, overlap: 0, fuse: 0, actions: 0 });
  });

  test("a stage asked for is alone, and rows of the others are not called hidden", () => {
    const built = buildReport(rows, { minSharePct: 1, stage: "decode" });
    expect(built.stages.map((one) => one.stage)).toEqual(["decode"]);
    expect(built.hiddenRows.kernels).toBe(1);
  });

  test("a stage asked for and not there is remarked on", () => {
    const built = buildReport(rows, { minSharePct: 1, stage: "mixed" });
    expect(built.stages).toEqual([]);
    expect(built.diagnostics).toMatchObject([
      {
        code: "report/no-such-stage",
        message: "No mixed prefill+decode stage in this trace; found: decode, extend/prefill.",
      },
    ]);
  });
});

test("stages come prefill, decode, mixed, all", () => {
  const stages = (["all", "mixed", "prefill", "decode"] as const).map((name) =>
    stage({ stage: name }),
  );
  const built = buildReport(draft({ stages }), EVERYTHING);
  expect(built.stages.map((one) => one.stage)).toEqual(["prefill", "decode", "mixed", "all"]);
});

test("kernels and their sites go by time, then by name; the policy's order of findings stays", () => {
  const sites = [
    site({ totalUs: 1, location: "b.py:1" }),
    site({ totalUs: 1, location: null }),
    site({ totalUs: 1, location: "a.py:1" }),
    site({ totalUs: 2, location: "z.py:1" }),
  ];
  const built = buildReport(
    draft({
      stages: [
        stage({
          kernels: [
            kernel({ name: "b", totalUs: 5 }),
            kernel({ name: "slow", totalUs: 9, sites }),
            kernel({ name: "a", totalUs: 5 }),
          ],
          overlap: [overlap({ priority: "P2" }), overlap({ priority: "P0" })],
          fuse: [fuse({ rule: "b", relatedUs: 1 }), fuse({ rule: "a", relatedUs: 2 })],
        }),
      ],
    }),
    EVERYTHING,
  );
  const [only] = built.stages;
  expect(only!.kernels.map(({ name }) => name)).toEqual(["slow", "a", "b"]);
  expect(only!.kernels[0]!.sites.map(({ location }) => location)).toEqual([
    "z.py:1",
    "a.py:1",
    "b.py:1",
    null,
  ]);
  expect(only!.overlap.map(({ priority }) => priority)).toEqual(["P2", "P0"]);
  expect(only!.fuse.map(({ rule }) => rule)).toEqual(["b", "a"]);
});

test("the order kernels were found in leaves no trace in the report", () => {
  const { kernels } = realisticReport().stages[0]!;
  const sites = [site(), site({ cpuOp: null }), site({ module: null }), site({ via: "none" })];
  const build = (found: typeof kernels, kernelSites: typeof sites) =>
    buildReport(
      draft({
        stages: [stage({ kernels: [...found, kernel({ name: "k", sites: kernelSites })] })],
      }),
      EVERYTHING,
    );
  const shuffle = <T>(list: readonly T[]) =>
    fc.shuffledSubarray([...list], { minLength: list.length });
  fc.assert(
    fc.property(shuffle(kernels), shuffle(sites), (found, kernelSites) => {
      expect(build(found, kernelSites)).toEqual(build(kernels, sites));
    }),
    { numRuns: 50 },
  );
});

test("remarks come most severe first", () => {
  const remark = (severity: "error" | "warning" | "info", code: string) => ({
    severity,
    code,
    message: code,
    path: null,
  });
  const built = buildReport(
    draft({
      diagnostics: [
        remark("info", "c"),
        remark("warning", "b"),
        remark("error", "d"),
        remark("warning", "a"),
      ],
    }),
    EVERYTHING,
  );
  expect(built.diagnostics.map(({ code }) => code)).toEqual(["d", "a", "b", "c"]);
});
