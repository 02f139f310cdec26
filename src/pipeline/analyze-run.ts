import type { Report } from "../model/contracts/report.ts";
import type { NearMiss } from "../model/options.ts";
import { assembleReport, assertOneFramework } from "./assemble-report.ts";
import { runFindings } from "./inputs/index.ts";
import type { Means } from "./inputs/means.ts";
import type { Run } from "./inputs/runs.ts";
import type { TraceFindings } from "./trace-findings.ts";

/** What one run gives to the answer; plain data but for the findings. */
export interface RunResult {
  readonly report: Report;
  readonly nearMisses: readonly NearMiss[];
}

/** One run's traces, read, located and matched, and the report they make; of a digest what it holds. */
export async function analyzeRun(
  run: Run,
  means: Means,
): Promise<RunResult & { readonly findings: readonly TraceFindings[] }> {
  if (run.digest !== undefined) return openedReport(run, means);
  const findings: TraceFindings[] = [];
  for await (const found of runFindings(run, means)) findings.push(found);
  assertOneFramework(findings);
  const { rules, options } = means;
  options.onProgress?.({ phase: "report", path: null, done: 0, total: 0 });
  const report = await assembleReport(run, findings, rules, options);
  return { report, findings, nearMisses: findings.flatMap((found) => found.nearMisses) };
}

async function openedReport(run: Run, means: Means): ReturnType<typeof analyzeRun> {
  // Loaded late: most commands never meet a digest.
  const { reportOfDigest } = await import("./digest/report-of-digest.ts");
  return { ...(await reportOfDigest(run, means)), findings: [] };
}
