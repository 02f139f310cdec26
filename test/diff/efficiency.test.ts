import { expect, test } from "vitest";
import { diffReports } from "../../src/diff/diff-reports.ts";
import { DEFAULT_THRESHOLDS } from "../../src/diff/noise.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import { DIFF_FORMATS } from "../../src/report/diff/document.ts";
import { realisticReport } from "../report/sample-reports.ts";

/** The report with its first kernel so long, at so much of its limit. */
function withKernel(times: number, pctOfLimit: number | null): Report {
  const report = realisticReport();
  const [stage, ...others] = report.stages;
  const [kernel, ...rest] = stage!.kernels;
  const timed = Object.fromEntries(
    (["totalUs", "avgUs", "minUs", "maxUs", "medianUs", "p10Us", "p90Us"] as const).map((key) => [
      key,
      kernel![key] * times,
    ]),
  );
  const limit =
    pctOfLimit === null
      ? null
      : {
          modelledPct: 100,
          tflops: 1,
          tbps: 1,
          boundBy: "memory" as const,
          floorUs: 1,
          pctOfLimit,
          usualPctOfLimit: null,
          headroomUs: 1,
          atLeast: false,
        };
  return {
    ...report,
    stages: [
      {
        ...stage!,
        limits: { ...stage!.limits, timesFloor: pctOfLimit === null ? null : 100 / pctOfLimit },
        kernels: [{ ...kernel!, ...timed, limit }, ...rest],
      },
      ...others,
    ],
  };
}

const diffed = (before: Report, after: Report) => diffReports(before, after, DEFAULT_THRESHOLDS);

test("a kernel that changed says how far from its limit it was and is", () => {
  const diff = diffed(withKernel(1, 40), withKernel(0.5, 80));
  const [stage] = diff.stages;
  const row = stage!.kernels.find(({ before }) => before?.pctOfLimit === 40)!;
  expect(row.after).toMatchObject({ pctOfLimit: 80, boundBy: "memory" });
  expect(stage!.timesFloor).toEqual({ before: 2.5, after: 1.25 });
  const tool = { name: "fuse-triage", version: "0" };
  const text = DIFF_FORMATS.markdown({ ...diff, tool, budgets: [] }, {
    failures: [],
  } as never);
  expect(text).toContain("40% → 80% memory");
  expect(text).toContain("2.5 → 1.3 times");
});

test("what is not known stays unknown", () => {
  const [stage] = diffed(withKernel(1, null), withKernel(0.5, 80)).stages;
  const row = stage!.kernels.find(({ after }) => after?.pctOfLimit === 80)!;
  expect(row.before).toMatchObject({ pctOfLimit: null, boundBy: null });
});
