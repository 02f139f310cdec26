import { candidateOf } from "../../ingest/files/choose-files.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { TraceFile, TraceSelection } from "../../model/trace/trace-selection.ts";
import type { Run } from "../inputs/runs.ts";
import { openDigest } from "./open-digest.ts";

/**
 * Digests as the runs they stand for, by rank: of several the lowest rank's, or the one asked for,
 * unless all are.
 *
 * @param input what the user named
 * @throws {TriageError} for a digest that cannot be read when it is the only one, and for a rank that none has
 */
export function digestRuns(
  digests: readonly string[],
  input: string,
  { rank, allRanks }: Pick<AnalyzeOptions, "rank" | "allRanks">,
): Run[] {
  const runs = digests.map(runOf);
  const rankOf = ({ files }: Run): number => files[0]?.rank ?? Number.POSITIVE_INFINITY;
  runs.sort((a, b) => rankOf(a) - rankOf(b));
  if (allRanks || digests.length === 1) return runs;
  const wanted = rank ?? rankOf(runs[0]!);
  const found = runs.filter((run) => rankOf(run) === wanted);
  if (found.length > 0) return found;
  throw new TriageError({
    code: "trace/no-such-rank",
    exit: EXIT.usage,
    message: `No digest of rank ${rank} in ${input}.`,
    place: input,
    hint: "Leave --rank out, or ask for a rank that is there.",
  });
}

/** Every file of every digest as a run of its own. */
export function digestFiles(digests: readonly string[]): Run[] {
  const shared = selectionOf([]);
  return digests.flatMap((path) => {
    const { files, digest } = runOf(path);
    return files.map(
      (file, at): Run => ({
        files: [file],
        selection: shared,
        digest: { path: digest!.path, file: at },
      }),
    );
  });
}

/** One that cannot be read is told of when it is its turn, as a trace is; its name tells its rank. */
function runOf(path: string): Run {
  const files = filesOf(path);
  return { files, selection: selectionOf(files), digest: { path, file: null } };
}

function filesOf(path: string): readonly TraceFile[] {
  try {
    const { head, bytes } = openDigest(path);
    return head.files.map((file) => ({ ...file, bytes }));
  } catch {
    const { rank, rankFrom, minor, stamp, stageHint } = candidateOf(
      { path, relative: path, bytes: 0, modifiedMs: 0 },
      "",
    );
    return [{ path, rank, rankFrom, minor, stamp, stageHint, bytes: 0, group: "" }];
  }
}

function selectionOf(files: readonly TraceFile[]): TraceSelection {
  return {
    ...{ files, captures: [], serverArgs: null, executionDetails: null },
    ...{ choice: null, skipped: [] },
  };
}
