import { groupBy } from "../../base/group-by.ts";
import { findDigests } from "../../ingest/find-digests.ts";
import { findTraces } from "../../ingest/find-traces.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { TraceFile, TraceSelection } from "../../model/trace/trace-selection.ts";
import { newestOfProcesses } from "./torch-processes.ts";

/** The files of one rank that make one report, and what the paths held besides. */
export interface Run {
  readonly files: readonly TraceFile[];
  readonly selection: TraceSelection;
  /** Where their digest lies and which of its files is meant, when that stands in for them. */
  readonly digest?: { readonly path: string; readonly file: number | null };
}

/**
 * What the given paths mean: one run per rank when all ranks are asked for, else one run. Several
 * paths are one run each unless they lie in it together.
 *
 * @throws {TriageError} when a path is missing, unreadable or holds no trace
 */
export async function openRuns(
  inputs: readonly string[],
  { rank, allRanks }: Pick<AnalyzeOptions, "rank" | "allRanks">,
): Promise<Run[]> {
  if (inputs.includes("-") && inputs.length > 1) throw besideStandardInput();
  const runs: Run[] = [];
  for (const input of inputs) {
    const digests = await findDigests(input);
    if (digests.length > 0) {
      const { digestRuns } = await import("../digest/digest-runs.ts");
      runs.push(...digestRuns(digests, input, { rank, allRanks }));
      continue;
    }
    const selection = await findTraces(input, {
      ...(rank === null ? {} : { rank }),
      allRanks,
    });
    const processes = allRanks ? await runsOfProcesses(input, selection) : [];
    if (processes.length > 1) runs.push(...processes);
    else for (const files of byRank(selection.files)) runs.push({ files, selection });
  }
  return runs;
}

/** Where no name tells a rank and torch's own tell processes: one run for each of these. */
async function runsOfProcesses(input: string, { files }: TraceSelection): Promise<Run[]> {
  if (files.some(({ rank }) => rank !== null)) return [];
  const every = await findTraces(input, { everyFile: true });
  return newestOfProcesses(every.files).map((file) => ({ files: [file], selection: every }));
}

/**
 * Every trace below the given paths as a run of its own: for who asks the traces themselves which
 * rank they are.
 *
 * @throws {TriageError} when a path is missing, unreadable or holds no trace
 */
export async function openEveryFile(inputs: readonly string[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (const input of inputs) {
    const digests = await findDigests(input);
    if (digests.length > 0) {
      const { digestFiles } = await import("../digest/digest-runs.ts");
      runs.push(...digestFiles(digests));
      continue;
    }
    const selection = await findTraces(input, { everyFile: true });
    runs.push(...selection.files.map((file) => ({ files: [file], selection })));
  }
  return runs;
}

function byRank(files: readonly TraceFile[]): TraceFile[][] {
  return [...groupBy(files, ({ rank }) => rank)]
    .sort(([a], [b]) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY))
    .map(([, list]) => list);
}

/** Runs may be read in threads, and standard input is none of theirs. */
function besideStandardInput(): TriageError {
  return new TriageError({
    code: "usage/stdin-alone",
    exit: EXIT.usage,
    message: "- (standard input) stands for one trace and cannot be one of several.",
    hint: "Give the other traces in a command of their own, or all of them as files.",
  });
}
