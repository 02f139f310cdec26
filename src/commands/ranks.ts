import { toolVersion } from "../base/version.ts";
import { stagesSideBySide } from "../engine/ranks/side-by-side.ts";
import { healthInWords } from "../model/contracts/health.ts";
import { RANKS_SCHEMA_VERSION, type RanksReport } from "../model/contracts/ranks.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import { openInputs } from "../pipeline/inputs/index.ts";
import { openEveryFile } from "../pipeline/inputs/runs.ts";
import { measureRun } from "../pipeline/ranks/measure-run.ts";
import { jobDoubts } from "../pipeline/ranks/one-job.ts";
import { labelRanks, type RankOutcome } from "../pipeline/ranks/rank-labels.ts";
import { ranksRemarks } from "../report/ranks/remarks.ts";
import { ranksSummary } from "../report/ranks/summary.ts";
import { runJobs } from "../threads/run-jobs.ts";

interface RanksOptions extends AnalyzeOptions {
  /** For launchers that number ranks node by node; null or left out = find it out. */
  readonly ranksPerNode?: number | null;
}

/**
 * From paths to ranks side by side: every rank found is read and measured by itself, then the
 * measurements are compared. A rank that cannot be used is told of and does not lose the others.
 *
 * @throws {TriageError} when fewer than two ranks can be compared, or a file holds several
 */
export async function ranksSideBySide(
  options: RanksOptions,
  open = openInputs,
): Promise<RanksReport> {
  const { runs, ...means } = await open(
    { ...options, rank: null, allRanks: true },
    undefined,
    openEveryFile,
  );
  const measures = await runJobs("measure", runs, options, (run) => measureRun(run, means));
  const outcomes = measures.map(({ value: measure, error }, at): RankOutcome => {
    if (error?.code === "ranks/merged-trace") throw error;
    return { run: runs[at]!, measure, error };
  });
  const { traces, measured, older, aside } = labelRanks(outcomes);
  if (measured.length < 2) throw tooFew(options.inputs, outcomes);
  const { remarks, doubts, apart } = jobDoubts(measured);
  const {
    stages: all,
    differing,
    isOneRun,
  } = stagesSideBySide(measured, doubts, options.ranksPerNode ?? null);
  const stages = all.filter(({ stage }) => options.stage === null || stage === options.stage);
  options.onProgress?.({ phase: "report", path: null, done: 0, total: 0 });
  return {
    schemaVersion: RANKS_SCHEMA_VERSION,
    tool: toolVersion(),
    ranks: traces,
    stages,
    summary: ranksSummary(stages),
    remarks: [
      ...remarks,
      ...measured.flatMap(({ label, measure }) =>
        measure.health.map((finding) => ({
          code: `health/${finding.kind}`,
          message: `rank ${label}: ${healthInWords(finding)}`,
        })),
      ),
      ...ranksRemarks({
        traces,
        stages,
        older,
        aside,
        apart: apart === null ? null : { words: apart, isOneRun },
        differing,
        skipped: [...new Set(runs.flatMap(({ selection }) => selection.skipped))],
        worldSizes: measured.map(({ measure }) => measure.worldSize),
      }),
    ],
  };
}

/** The first rank's own trouble says more than the count. */
function tooFew(inputs: readonly string[], outcomes: readonly RankOutcome[]): TriageError {
  const broken = outcomes.find(({ error }) => error !== null)?.error ?? null;
  return new TriageError({
    code: "ranks/too-few",
    exit: broken === null ? EXIT.usage : EXIT.unreadable,
    message:
      broken === null
        ? `There is one rank to compare in ${inputs.join(", ")}.`
        : `Fewer than two ranks can be read: ${broken.message}`,
    place: broken?.place ?? inputs.join(", "),
    hint:
      broken === null
        ? "Give the folder that holds all ranks' traces, or one trace of each rank."
        : broken.hint,
  });
}
