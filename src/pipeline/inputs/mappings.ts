import type { AnalyzeOptions } from "../../model/options.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { Trace } from "../../model/trace/trace.ts";
import type { TraceFile, TraceSelection } from "../../model/trace/trace-selection.ts";
import { type Lenders, openMapping } from "./lenders.ts";
import { openRuns, type Run } from "./runs.ts";
import { difference, refuse, runIdentity } from "./same-run.ts";

/** The mapping traces of a command, opened per rank when a formal trace asks for them. */
export interface Mappings {
  /** True when mapping traces were given at all. */
  readonly given: boolean;
  /**
   * Lenders for one formal trace: those of its rank, else the only rank there is.
   *
   * @throws {TriageError} `mapping/mismatch` when they are of another run, unless forced
   */
  for(
    file: TraceFile,
    formal: Trace,
    selection: TraceSelection,
  ): Promise<(Lenders & { readonly mismatch: string | null }) | null>;
}

/** Opens nothing yet: traces are read when the first formal trace needs them, once per rank. */
export function openMappings(ruleSet: RuleSet, options: AnalyzeOptions): Mappings {
  let runs: Promise<Run[]> | null = null;
  const opened = new Map<Run, Promise<Lenders>>();
  return {
    given: options.mapping.length > 0,
    async for(file, formal, selection) {
      if (options.mapping.length === 0) return null;
      runs ??= openRuns(options.mapping, { rank: null, allRanks: true });
      const run = runOfRank(await runs, file.rank);
      let lenders = opened.get(run);
      if (lenders === undefined) {
        lenders = openMapping(run.files, run.selection, ruleSet, options);
        opened.set(run, lenders);
      }
      const ready = await lenders;
      return { ...ready, mismatch: mismatchOf(run, ready, file, formal, selection, options) };
    },
  };
}

function runOfRank(runs: readonly Run[], rank: number | null): Run {
  return runs.find(({ files }) => files[0]?.rank === rank) ?? runs[0]!;
}

function mismatchOf(
  run: Run,
  lenders: Lenders,
  file: TraceFile,
  formal: Trace,
  selection: TraceSelection,
  options: AnalyzeOptions,
): string | null {
  const asked = runIdentity(file.path, formal, selection.serverArgs?.value ?? null);
  for (const { trace } of lenders.traces) {
    const path = trace.origin.path;
    const lent = runIdentity(path, trace, run.selection.serverArgs?.value ?? null);
    const reason = difference(lent, asked);
    if (reason === null) continue;
    if (!options.force) refuse(lent, reason);
    return reason;
  }
  return null;
}
