import { evaluateGates } from "../engine/policy/gates.ts";
import type { AnalyzeOptions, Gate } from "../model/options.ts";
import type { Report } from "../model/report.ts";
import type { RuleBase } from "./rule-base.ts";

/**
 * Judges the gates of `--fail-on` over the rows of all reports.
 *
 * @throws {TriageError} usage, for a gate the policy does not know
 */
export async function judgeGates(
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
