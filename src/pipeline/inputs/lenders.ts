import { basename } from "node:path";
import type { AlignmentSources } from "../../engine/align/align-replays.ts";
import { batchSizeOf } from "../../engine/align/captured-graphs.ts";
import { buildKernelGraph } from "../../engine/kernel-graph.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import type { Trace } from "../../model/trace/trace.ts";
import type { TraceFile, TraceSelection } from "../../model/trace/trace-selection.ts";
import { frameworkOf, readTraceFile } from "../open-trace.ts";

/** Traces that lend their sites to the replays of another one. */
export interface Lenders extends AlignmentSources {
  /** The lenders' own traces, to compare with and to list in the report. */
  readonly traces: readonly { readonly trace: Trace; readonly choice: string | null }[];
}

/** A capture file and the batch size its graph is for, as names and execution_details.json tell. */
interface CaptureFile {
  readonly file: TraceFile;
  readonly batchSize: number | null;
}

/**
 * Opens the captures beside a run that its steps can have used: of the same rank, and per batch
 * size the smallest graph that holds it (engines pad a batch up to the next captured size). Where
 * sizes are not told every capture is read.
 */
export async function openCaptures(
  file: TraceFile,
  selection: TraceSelection,
  graph: KernelGraph,
  options: AnalyzeOptions,
): Promise<Lenders> {
  const files = captureFiles(selection).filter(
    ({ file: capture }) =>
      capture.rank === null || file.rank === null || capture.rank === file.rank,
  );
  const wanted = [...new Set(graph.steps.map(({ batchSize }) => batchSize))];
  const chosen = chooseCaptures(files, wanted);
  const captures = [];
  const traces = [];
  for (const { file: capture, batchSize } of chosen) {
    const trace = await readTraceFile(capture, "capture", options);
    const { profile } = frameworkOf(trace, capture, selection, options);
    captures.push({ trace, profile, batchSize });
    traces.push({ trace, choice: choiceOf(chosen.length, files.length, batchSize) });
  }
  return { captures, mappings: [], traces };
}

/** Opens a mapping trace: its captured graphs, its eager kernels, or both. */
export async function openMapping(
  files: readonly TraceFile[],
  selection: TraceSelection,
  ruleSet: RuleSet,
  options: AnalyzeOptions,
): Promise<Lenders> {
  const captures = [];
  const mappings = [];
  const traces = [];
  for (const file of files) {
    const trace = await readTraceFile(file, "mapping", options);
    const { profile } = frameworkOf(trace, file, selection, options);
    captures.push({ trace, profile, batchSize: batchSizeOf(basename(file.path)) });
    if (trace.gpu.count > 0)
      mappings.push(buildKernelGraph(trace, { profile, ruleSet, stageHint: file.stageHint }));
    traces.push({ trace, choice: selection.choice });
  }
  for (const { file, batchSize } of captureFiles(selection)) {
    const trace = await readTraceFile(file, "capture", options);
    captures.push({
      trace,
      profile: frameworkOf(trace, file, selection, options).profile,
      batchSize,
    });
    traces.push({ trace, choice: null });
  }
  return { captures, mappings, traces };
}

/** Exported for tests: the captures that steps of these batch sizes can have run. */
export function chooseCaptures<T extends { readonly batchSize: number | null }>(
  files: readonly T[],
  wanted: readonly (number | null)[],
): readonly T[] {
  const sizes = files.flatMap(({ batchSize }) => (batchSize === null ? [] : [batchSize]));
  if (wanted.includes(null) || wanted.length === 0 || sizes.length < files.length) return files;
  const fitting = new Set(
    wanted.map((size) => Math.min(...sizes.filter((captured) => captured >= size!))),
  );
  return files.filter(({ batchSize }) => fitting.has(batchSize!));
}

function captureFiles({ captures, executionDetails }: TraceSelection): CaptureFile[] {
  const told = new Map<string, number>();
  if (Array.isArray(executionDetails)) {
    for (const entry of executionDetails as Record<string, unknown>[]) {
      if (typeof entry?.file === "string" && typeof entry.batch_size === "number")
        told.set(basename(entry.file), entry.batch_size);
    }
  }
  return captures.map((file) => {
    const name = basename(file.path);
    return { file, batchSize: told.get(name) ?? batchSizeOf(name) };
  });
}

function choiceOf(read: number, found: number, batchSize: number | null): string | null {
  const size = batchSize === null ? "" : `graph capture for batch size ${batchSize}`;
  if (read === found) return size === "" ? null : size;
  return `${size}, one of ${found} captures: the smallest that holds the steps' batch`;
}
