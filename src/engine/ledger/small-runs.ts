import { compareText } from "../../base/compare-text.ts";
import type { KernelGraph, StageGraph } from "../../model/kernel-graph.ts";
import { gpuEnd, kernelNameAt } from "../../model/trace.ts";
import type { Nanoseconds, Row } from "../../model/units.ts";

/** A kernel this short is mostly launch: one kernel for several would take hardly longer. */
const SMALL: Nanoseconds = 10_000;

/** Two small kernels in a row are a pair like any other; more is a run. */
const RUN = 3;

/** Work that is never part of a run however short: it does the run's purpose, the run prepares it. */
const ANCHORS: ReadonlySet<string> = new Set([
  "gemm",
  "moe-gemm",
  "attention",
  "linear-attention",
  "communication",
  "dispatch-combine",
]);

/** Runs of small kernels between the same two kernels. */
export interface SmallRuns {
  /** Demangled names of the kernels around; null at the ends of a step. */
  readonly before: string | null;
  readonly after: string | null;
  /** GPU rows of each run, in order. */
  readonly runs: readonly (readonly Row[])[];
  readonly kernelNs: Nanoseconds;
  /** Idle time between the kernels of the runs. */
  readonly gapNs: Nanoseconds;
}

/**
 * Runs of three or more small kernels on one stream within one step that no rule claims, by the
 * kernels between which they stand, most time first. Linear in events.
 *
 * @param claimed GPU rows that belong to a row of the fuse table
 */
export function smallRuns(
  graph: KernelGraph,
  stage: StageGraph,
  claimed: ReadonlySet<Row>,
): readonly SmallRuns[] {
  const { gpu } = graph.trace;
  const isAnchor = graph.symbols.map(({ category }) => ANCHORS.has(category));
  const open = new Map<number, { before: Row | null; rows: Row[]; step: number }>();
  const found = new Map<string, { before: string | null; after: string | null; runs: Row[][] }>();
  const nameOf = (row: Row | null): string | null =>
    row === null ? null : kernelNameAt(graph.trace, row).demangled;
  const close = (stream: number, after: Row | null): void => {
    const run = open.get(stream);
    if (run !== undefined && run.rows.length >= RUN) {
      const names = { before: nameOf(run.before), after: nameOf(after) };
      const key = JSON.stringify(names);
      const known = found.get(key);
      if (known === undefined) found.set(key, { ...names, runs: [run.rows] });
      else known.runs.push(run.rows);
    }
  };
  for (const row of stage.events) {
    const stream = gpu.stream[row]!;
    const step = graph.stepOf[row]!;
    const run = open.get(stream);
    if (run !== undefined && run.step !== step) {
      close(stream, null);
      open.delete(stream);
    }
    const isSmall =
      gpu.duration[row]! < SMALL && !isAnchor[graph.symbolOf[row]!] && !claimed.has(row);
    if (isSmall) {
      const mine = open.get(stream);
      if (mine === undefined) open.set(stream, { before: null, rows: [row], step });
      else mine.rows.push(row);
    } else {
      close(stream, row);
      open.set(stream, { before: row, rows: [], step });
    }
  }
  for (const stream of [...open.keys()].sort((a, b) => a - b)) close(stream, null);
  return [...found.entries()]
    .map(([key, it]) => ({ key, it: { ...it, ...timesOf(graph, it.runs) } }))
    .sort((a, b) => b.it.kernelNs - a.it.kernelNs || compareText(a.key, b.key))
    .map(({ it }) => it);
}

function timesOf(
  { trace: { gpu } }: KernelGraph,
  runs: readonly (readonly Row[])[],
): { readonly kernelNs: Nanoseconds; readonly gapNs: Nanoseconds } {
  let kernelNs = 0;
  let gapNs = 0;
  for (const run of runs)
    for (const [at, row] of run.entries()) {
      kernelNs += gpu.duration[row]!;
      if (at > 0) gapNs += Math.max(0, gpu.start[row]! - gpuEnd(gpu, run[at - 1]!));
    }
  return { kernelNs, gapNs };
}
