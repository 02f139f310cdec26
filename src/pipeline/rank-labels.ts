import { basename } from "node:path";
import type { RankMeasure } from "../engine/ranks/rank-measure.ts";
import type { LabelledRank } from "../engine/ranks/side-by-side.ts";
import { compareText } from "../model/compare-text.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { RankTrace } from "../model/ranks.ts";

/** What came of reading one rank. */
export interface RankOutcome {
  readonly rank: number | null;
  readonly paths: readonly string[];
  readonly measure: RankMeasure | null;
  readonly error: TriageError | null;
}

/**
 * Names the ranks for tables and puts them in order: by rank, then those that only their file
 * names.
 *
 * @throws {TriageError} `ranks/twice` when two of them are the same rank
 */
export function labelRanks(outcomes: readonly RankOutcome[]): {
  readonly traces: readonly RankTrace[];
  readonly measured: readonly LabelledRank[];
} {
  const ranks = outcomes
    .map((outcome) => {
      const rank = outcome.measure?.rank ?? outcome.rank;
      const label = rank === null ? basename(outcome.paths[0] ?? "") : String(rank);
      return { ...outcome, rank, label };
    })
    .sort((a, b) => orderOf(a.rank) - orderOf(b.rank) || compareText(a.label, b.label));
  for (const [at, one] of ranks.entries())
    if (at > 0 && ranks[at - 1]!.label === one.label) throw twice(ranks[at - 1]!, one);
  return {
    traces: ranks.map(({ label, rank, paths, measure, error }): RankTrace => {
      const problem = error?.message ?? measure?.damage ?? null;
      const state = error !== null ? "unreadable" : problem !== null ? "partial" : "complete";
      return { label, rank, paths, state, problem };
    }),
    measured: ranks.flatMap(({ label, measure }) => (measure === null ? [] : [{ label, measure }])),
  };
}

function orderOf(rank: number | null): number {
  return rank ?? Number.MAX_SAFE_INTEGER;
}

function twice(
  a: { readonly label: string; readonly paths: readonly string[] },
  b: { readonly paths: readonly string[] },
): TriageError {
  return new TriageError({
    code: "ranks/twice",
    exit: EXIT.usage,
    message: `Two traces are of rank ${a.label}: ${a.paths[0]} and ${b.paths[0]}.`,
    place: b.paths[0] ?? null,
    hint: "Give one trace per rank, all of one run.",
  });
}
