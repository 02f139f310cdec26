import type { RankMeasure } from "../../engine/ranks/rank-measure.ts";
import type { TriageError } from "../../model/errors.ts";
import type { StageFacts } from "../../model/facts.ts";
import type { NearMiss } from "../../model/options.ts";
import type { TraceFile } from "../../model/trace/trace-selection.ts";
import type { ReportDraft } from "../../report/build-report.ts";

/** Version of the file; raised when a column or the document changes meaning or goes. */
export const DIGEST_VERSION = 2;

/** What a digest says of itself in the footer of its file, readable without its rows. */
export interface DigestHead {
  readonly version: number;
  /** Version of the reports that its document becomes. */
  readonly report: number;
  readonly tool: { readonly name: string; readonly version: string };
  /** Digest of the rules that judged. */
  readonly rulesDigest: string;
  /** What the traces belong to, as told when the digest was made; null where nobody told. */
  readonly build: string | null;
  /** Digest of what else decided the answer: options, by their values. */
  readonly optionsDigest: string;
  /** The traces, as they were found. */
  readonly files: readonly TraceFile[];
  /** Rows of the measurements: the first, and how many. */
  readonly measured: { readonly from: number; readonly count: number };
}

/** One run's traces, in what reports, ranks, comparisons and fleets need of them. */
export interface Digest {
  readonly head: DigestHead;
  /** Every row that the engine found: what is shown is cut when it is opened. */
  readonly draft: ReportDraft;
  readonly facts: readonly StageFacts[];
  /** Null where nobody asked for them. */
  readonly nearMisses: readonly NearMiss[] | null;
  /** One of each file, in their order. */
  readonly measures: readonly MeasuredFile[];
}

/** What ranks are compared by, or why that trace is none. */
export type MeasuredFile =
  | { readonly measure: RankMeasure; readonly error: null }
  | { readonly measure: null; readonly error: ConstructorParameters<typeof TriageError>[0] };
