import type { StageName } from "../framework.ts";

/** What a path given by the user turned out to hold, and what was chosen from it. */
export interface TraceSelection {
  /** Traces to analyse, by group, then stage, then rank: one rank, unless all were asked for. */
  readonly files: readonly TraceFile[];
  /** Traces of graph captures found beside them (`capture_traces/`). */
  readonly captures: readonly TraceFile[];
  /** The server's arguments, wherever the run left them. */
  readonly serverArgs: {
    readonly path: string;
    readonly value: Readonly<Record<string, unknown>>;
  } | null;
  /** Parsed `execution_details.json` (which capture belongs to which batch size). */
  readonly executionDetails: unknown;
  /** One sentence when something was chosen among several ("rank 0 of 0-7; newest of 2 runs"). */
  readonly choice: string | null;
  /** Files that looked like traces but were left out, with the reason; ordered by path. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface TraceFile {
  readonly path: string;
  readonly rank: number | null;
  /** The part of the name the rank was read from ("TP-0"); null when nothing tells. */
  readonly rankFrom: string | null;
  /** Other parallel places in the name (pp, dp, cp, …); they tell files of one `TP-0` apart. */
  readonly minor: readonly number[];
  /** When it was taken, as far as its name tells; comparable numbers. */
  readonly stamp: number | null;
  readonly stageHint: StageHint | null;
  /** Size on disk. */
  readonly bytes: number;
  /** Folder of the run this file belongs to, relative to the path given; "" for that path itself. */
  readonly group: string;
}

/** A stage told by names only: any annotation inside the trace outranks it. */
export interface StageHint {
  readonly stage: StageName;
  readonly from: "capture-layout" | "file-name";
  /** The words that told it ("-DECODE", "prefill/"). */
  readonly text: string;
}
