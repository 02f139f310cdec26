import { EXIT, TriageError } from "../../model/errors.ts";
import { buildReport } from "../../report/build-report.ts";
import type { RunResult } from "../analyze-run.ts";
import type { Means } from "../inputs/means.ts";
import type { Run } from "../inputs/runs.ts";
import { openDigest } from "./open-digest.ts";
import { refuseFixed } from "./refuse-fixed.ts";

/**
 * The report of the traces that a digest stands for: the same as theirs, cut as the options say.
 * Where other rules judged than those in use, it says so.
 *
 * @throws {TriageError} for a digest that cannot be read, or cannot answer what is asked
 */
export async function reportOfDigest(
  { digest }: Run,
  { options, rules: { ruleSet } }: Means,
): Promise<RunResult> {
  const { path } = digest!;
  refuseFixed(path, options);
  const { draft, nearMisses } = await openDigest(path).document();
  if (options.nearMisses && nearMisses === null) throw withoutMisses(path);
  const { minSharePct, stage } = options;
  const isOther = draft.rules.digest !== ruleSet.digest;
  const remark = {
    severity: "warning" as const,
    code: "digest/other-rules",
    message: `judged by the rules it was made with (digest ${draft.rules.digest}), not by ${ruleSet.path} (${ruleSet.digest}): make it again to use these`,
    path,
  };
  const diagnostics = isOther ? [...draft.diagnostics, remark] : draft.diagnostics;
  return {
    report: buildReport({ ...draft, diagnostics }, { minSharePct, stage }),
    nearMisses: options.nearMisses ? (nearMisses ?? []) : [],
  };
}

function withoutMisses(path: string): TriageError {
  return new TriageError({
    code: "usage/digest-near-misses",
    exit: EXIT.usage,
    message: `${path} was made without near misses.`,
    place: path,
    hint: "Give the trace, or make the digest again with --near-misses.",
  });
}
