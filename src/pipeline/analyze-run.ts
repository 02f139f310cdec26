import type { AnalyzeOptions, NearMiss } from "../model/options.ts";
import type { Report } from "../model/report.ts";
import { assembleReport, assertOneFramework } from "./assemble-report.ts";
import type { Mappings } from "./mappings.ts";
import type { RuleBase } from "./rule-base.ts";
import type { Run } from "./runs.ts";
import { type TraceFindings, traceFindings } from "./trace-findings.ts";

/** What one run gives to the answer; plain data but for the findings. */
export interface RunResult {
  readonly report: Report;
  readonly nearMisses: readonly NearMiss[];
}

/** One run's traces, read, located and matched, and the report they make. */
export async function analyzeRun(
  run: Run,
  rules: RuleBase,
  mappings: Mappings,
  options: AnalyzeOptions,
): Promise<RunResult & { readonly findings: readonly TraceFindings[] }> {
  const findings: TraceFindings[] = [];
  for (const file of run.files)
    findings.push(await traceFindings(file, run.selection, rules, mappings, options));
  assertOneFramework(findings);
  options.onProgress?.({ phase: "report", path: null, done: 0, total: 0 });
  const report = await assembleReport(run, findings, rules, options);
  return { report, findings, nearMisses: findings.flatMap((found) => found.nearMisses) };
}
