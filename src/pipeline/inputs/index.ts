import type { AnalyzeOptions } from "../../model/options.ts";
import { type TraceFindings, traceFindings } from "../trace-findings.ts";
import { type Means, meansOf } from "./means.ts";
import { loadRuleBase, type RuleBase } from "./rule-base.ts";
import { openRuns, type Run } from "./runs.ts";

/** What a command over traces starts from. */
interface Inputs extends Means {
  readonly runs: readonly Run[];
}

/**
 * Loads the rules and opens the paths as runs; traces are not read yet.
 *
 * @param narrow keeps some of the rules, for a command about them alone
 * @param open what the paths mean
 * @throws {TriageError} for rules or paths that cannot be used
 */
export async function openInputs(
  options: AnalyzeOptions,
  narrow: (rules: RuleBase) => RuleBase = (rules) => rules,
  open: typeof openRuns = openRuns,
): Promise<Inputs> {
  options.onProgress?.({ phase: "rules", path: options.rulesPath, done: 0, total: 0 });
  const rules = narrow(await loadRuleBase(options));
  const runs = await open([...options.inputs, ...options.formal], options);
  return { ...meansOf(rules, options), runs };
}

/** The findings of every trace, one after the other; who does not keep them holds one trace at a time. */
export async function* allFindings({ runs, ...means }: Inputs): AsyncGenerator<TraceFindings> {
  for (const run of runs) yield* runFindings(run, means);
}

/** The findings of one run's traces. */
export async function* runFindings(run: Run, means: Means): AsyncGenerator<TraceFindings> {
  for (const file of run.files) yield await traceFindings(file, run.selection, means);
}
