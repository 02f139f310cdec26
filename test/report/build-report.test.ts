import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildReport, type ReportDraft } from "../../src/report/build-report.ts";
import {
  fuseDraft as fuse,
  kernel,
  overlap,
  fuse as plainFuse,
  realisticReport,
  report,
  site,
  stageDraft as stage,
} from "./sample-reports.ts";

function draft(given: Partial<ReportDraft>): ReportDraft {
  const { schemaVersion: _, minSharePct: __, summary: ___, hiddenRows: ____, ...rest } = report();
  return { ...rest, stages: [], ...given };
}

const EVERYTHING = { minSharePct: 0, stage: null };

describe("the cut", () => {
  const rows = draft({
    stages: [
      stage({
        kernels: [0.4, 1, 40].map((sharePct) => kernel({ name: `k${sharePct}`, sharePct })),
        overlap: [overlap({ sharePct: 0.99 }), overlap({ sharePct: 2 })],
        fuse: [fuse({ sharePct: 0.1 }), fuse({ sharePct: 3, belowThreshold: true }), fuse()],
      }),
      stage({ stage: "prefill", kernels: [kernel({ name: "k", sharePct: 0 })] }),
    ],
  });

  test("hides and counts rows below the share or a rule's own, and keeps those on it", () => {
    const built = buildReport(rows, { minSharePct: 1, stage: null });
    const decode = built.stages.find((one) => one.stage === "decode")!;
    expect(decode.kernels.map(({ sharePct }) => sharePct).sort()).toEqual([1, 40]);
    expect(built.hiddenRows).toEqual({ kernels: 2, overlap: 1, fuse: 2 });
    expect(built.minSharePct).toBe(1);
    expect(decode.fuse).toEqual([plainFuse()]);
  });

  test("keeps every row at share 0, those of no time included", () => {
    const built = buildReport(rows, EVERYTHING);
    expect(built.stages.flatMap(({ kernels }) => kernels)).toHaveLength(4);
    expect(built.stages.flatMap(({ fuse: found }) => found)).toHaveLength(3);
    expect(built.hiddenRows).toEqual({ kernels: 0, overlap: 0, fuse: 0 });
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

test("kernels by time, overlaps by priority, fuse patterns by what can be done about them", () => {
  const built = buildReport(
    draft({
      stages: [
        stage({
          kernels: [
            kernel({ name: "b", totalUs: 5 }),
            kernel({ name: "slow", totalUs: 9 }),
            kernel({ name: "a", totalUs: 5 }),
          ],
          overlap: [
            overlap({ priority: null, kernel: "unranked" }),
            overlap({ priority: "P1", kernel: "short", totalUs: 1 }),
            overlap({ priority: "P0", kernel: "urgent", totalUs: 1 }),
            overlap({ priority: "P1", kernel: "long", totalUs: 2 }),
          ],
          fuse: [
            fuse({ rule: "done", state: "active", relatedUs: 900 }),
            fuse({ rule: "pending", status: "in-flight", relatedUs: 800 }),
            fuse({ rule: "small", relatedUs: 1 }),
            fuse({ rule: "large", state: "partial", relatedUs: 2 }),
          ],
        }),
      ],
    }),
    EVERYTHING,
  );
  const [only] = built.stages;
  expect(only!.kernels.map(({ name }) => name)).toEqual(["slow", "a", "b"]);
  expect(only!.overlap.map((row) => row.kernel)).toEqual(["urgent", "long", "short", "unranked"]);
  expect(only!.fuse.map(({ rule }) => rule)).toEqual(["large", "small", "pending", "done"]);
});

test("the order rows were found in leaves no trace in the report", () => {
  const [first] = realisticReport().stages;
  const prefill = { ...first!, fuse: first!.fuse.map((row) => fuse(row)) };
  const sites = [site(), site({ cpuOp: null }), site({ module: null }), site({ via: "none" })];
  const build = (of: typeof prefill, kernelSites: readonly (typeof sites)[number][]) =>
    buildReport(
      draft({ stages: [of, stage({ kernels: [kernel({ name: "k", sites: kernelSites })] })] }),
      EVERYTHING,
    );
  const shuffle = <T>(rows: readonly T[]) =>
    fc.shuffledSubarray([...rows], { minLength: rows.length });
  fc.assert(
    fc.property(
      shuffle(prefill.kernels),
      shuffle(prefill.overlap),
      shuffle(prefill.fuse),
      shuffle(sites),
      (kernels, overlaps, fuses, shuffledSites) => {
        const shuffled = { ...prefill, kernels, overlap: overlaps, fuse: fuses };
        expect(build(shuffled, shuffledSites)).toEqual(build(prefill, sites));
      },
    ),
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
