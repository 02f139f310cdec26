import type { AnalyzeOptions, AnalyzeResult, NearMiss } from "./model/options.ts";
import type { Report } from "./model/report.ts";
import type { TraceSpans } from "./model/trace-spans.ts";
import { assembleReport, assertOneFramework } from "./pipeline/assemble-report.ts";
import { judgeGates } from "./pipeline/judge-gates.ts";
import { openMappings } from "./pipeline/mappings.ts";
import { loadRuleBase } from "./pipeline/rule-base.ts";
import { openRuns } from "./pipeline/runs.ts";
import { traceSpans } from "./pipeline/spans.ts";
import { type TraceFindings, traceFindings } from "./pipeline/trace-findings.ts";

/**
 * The whole way from paths to reports, one line a stage: rules are loaded, the paths are opened as
 * runs, each trace is read, located (with the mapping trace's help where one is given) and matched
 * (`pipeline/trace-findings.ts`), and the findings of a run become its report.
 *
 * @throws {TriageError} for input that cannot be used; a damaged trace gives a partial report
 */
export async function analyze(options: AnalyzeOptions): Promise<AnalyzeResult> {
  options.onProgress?.({ phase: "rules", path: options.rulesPath, done: 0, total: 0 });
  const rules = await loadRuleBase(options.rulesPath);
  const mappings = openMappings(rules.ruleSet, options);
  const reports: Report[] = [];
  const nearMisses: NearMiss[] = [];
  const spans: TraceSpans[] = [];
  for (const run of await openRuns([...options.inputs, ...options.formal], options)) {
    const findings: TraceFindings[] = [];
    for (const file of run.files)
      findings.push(await traceFindings(file, run.selection, rules, mappings, options));
    assertOneFramework(findings);
    options.onProgress?.({ phase: "report", path: null, done: 0, total: 0 });
    reports.push(await assembleReport(run, findings, rules, options));
    nearMisses.push(...findings.flatMap((found) => found.nearMisses));
    if (options.spans)
      for (const found of findings) spans.push(await traceSpans(found, rules, options.stage));
  }
  return { reports, nearMisses, spans, gates: await judgeGates(reports, rules, options) };
}
