import { explainRow } from "../commands/explain.ts";
import { ranksSideBySide } from "../commands/ranks.ts";
import { analyze } from "../commands/triage.ts";
import type { RanksReport } from "../model/contracts/ranks.ts";
import type { RowExplanation } from "../model/contracts/row-explanation.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeResult } from "../model/options.ts";
import { analysisOf, listOf, type Paths, type TriageOptions } from "./options.ts";

const OCCURRENCES = 10;

/**
 * Reads traces and reports on them, as the command `triage` does.
 *
 * @param paths trace files or folders; each is a run of its own
 * @throws {TriageError} for what cannot be used; the reason of `options.signal` when aborted
 */
export function triage(paths: Paths, options: TriageOptions = {}): Promise<AnalyzeResult> {
  return analyze(analysisOf(named(paths), options));
}

/**
 * The ranks of one job side by side, as `triage ranks` puts them.
 *
 * @throws {TriageError} when fewer than two ranks can be read
 */
export function ranks(
  paths: Paths,
  options: Omit<TriageOptions, "mapping" | "allRanks" | "rank"> = {},
): Promise<RanksReport> {
  return ranksSideBySide(analysisOf(named(paths), options));
}

/**
 * All behind one row of a report, as `triage explain` tells it.
 *
 * @param row an action's id, a rule's id, or a kernel's name
 * @param options `limit` is how many occurrences of a rule are told for each stage, 10 if left out
 * @throws {TriageError} for a row that is not there
 */
export function explain(
  row: string,
  paths: Paths,
  options: TriageOptions & { readonly limit?: number } = {},
): Promise<RowExplanation> {
  const { limit = OCCURRENCES, ...rest } = options;
  return explainRow(row, limit, analysisOf(named(paths), rest));
}

function named(paths: Paths): Paths {
  if (listOf(paths).length > 0) return paths;
  throw new TriageError({
    code: "usage/no-trace",
    exit: EXIT.usage,
    message: "No trace to triage.",
    hint: "Name a file or folder.",
  });
}
