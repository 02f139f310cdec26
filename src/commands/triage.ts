import { eventLimit } from "../engine/limits/event-limit.ts";
import { evaluateGates } from "../engine/policy/gates.ts";
import type { Report } from "../model/contracts/report.ts";
import type { TriageError } from "../model/errors.ts";
import type { AnalyzeOptions, AnalyzeResult, Gate, NearMiss } from "../model/options.ts";
import type { TraceSpans } from "../model/trace/trace-spans.ts";
import { analyzeRun } from "../pipeline/analyze-run.ts";
import { openInputs } from "../pipeline/inputs/index.ts";
import type { RuleBase } from "../pipeline/inputs/rule-base.ts";
import { runJobs } from "../threads/run-jobs.ts";

/**
 * The whole way from paths to reports, one line a stage: rules are loaded, the paths are opened as
 * runs, each run's traces are read, located (with the mapping trace's help where one is given) and
 * matched, and become its report (`pipeline/analyze-run.ts`), several runs at a time where that
 * pays.
 *
 * @throws {TriageError} for input that cannot be used; a damaged trace gives a partial report. Of
 *   all ranks one that cannot be used is a failure in the answer, unless no other is left
 */
export async function analyze(options: AnalyzeOptions): Promise<AnalyzeResult> {
  const { runs, ...means } = await openInputs(options);
  const { rules } = means;
  const reports: Report[] = [];
  const nearMisses: NearMiss[] = [];
  const spans: TraceSpans[] = [];
  const failures: TriageError[] = [];
  // Spans hold the traces themselves, which do not travel between threads.
  const jobs = options.spans ? 1 : options.jobs;
  const outcomes = await runJobs("report", runs, { ...options, jobs }, async (run) => {
    const { findings, ...result } = await analyzeRun(run, means);
    if (options.spans)
      for (const { graph, spans: stages, limits } of findings)
        spans.push({ graph, stages, limitOf: (row) => eventLimit(limits, row) });
    return result;
  });
  for (const { value, error } of outcomes) {
    if (error !== null) {
      if (!options.allRanks) throw error;
      failures.push(error);
      continue;
    }
    reports.push(value.report);
    nearMisses.push(...value.nearMisses);
  }
  if (reports.length === 0) throw failures[0]!;
  return { reports, nearMisses, spans, failures, gates: await judgeGates(reports, rules, options) };
}

/**
 * Judges the gates of `--fail-on` over the rows of all reports.
 *
 * @throws {TriageError} usage, for a gate the policy does not know
 */
async function judgeGates(
  reports: readonly Report[],
  { policies }: RuleBase,
  { failOn }: AnalyzeOptions,
): Promise<readonly Gate[]> {
  if (failOn.length === 0) return [];
  const rows = reports.flatMap(({ stages }) =>
    stages.flatMap(({ stage, fuse }) => fuse.map((row) => ({ stage, row }))),
  );
  return evaluateGates(rows, failOn, policies.fuse);
}
