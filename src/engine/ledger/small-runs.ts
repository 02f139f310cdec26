import { compareText } from "../../base/compare-text.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd, kernelNameAt } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";

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

/** Runs of small kernels at one place in the layer. */
export interface SmallRuns {
  /** Tells it from other places of the stage: what the kernels around are for. */
  readonly key: string;
  /** Demangled names of the kernels around, those around most runs; null at the ends of a step. */
  readonly before: string | null;
  readonly after: string | null;
  /** Pairs of other kernels that stand around runs here: other tiles of one product, say. */
  readonly others: number;
  /** GPU rows of each run, in order. */
  readonly runs: readonly (readonly Row[])[];
  readonly kernelNs: Nanoseconds;
  /** Idle time between the kernels of the runs. */
  readonly gapNs: Nanoseconds;
}

/** One run and the kernels around it; null at the ends of a step. */
interface Run {
  readonly before: Row | null;
  readonly after: Row | null;
  readonly rows: readonly Row[];
}

/**
 * Runs of three or more small kernels on one stream within one step that no rule claims, by their
 * place in the layer, most time first. A place is told by what the kernels around are for, not by
 * their names: a library runs one product in several kernels. Linear in events.
 *
 * @param claimed GPU rows that belong to a row of the fuse table
 */
export function smallRuns(
  graph: KernelGraph,
  stage: StageGraph,
  claimed: ReadonlySet<Row>,
): readonly SmallRuns[] {
  const byKinds = new Map<string, Run[]>();
  for (const run of runsOf(graph, stage, claimed)) {
    const key = `${kindOf(graph, run.before)} .. ${kindOf(graph, run.after)}`;
    append(byKinds, key, run);
  }
  const positions = positionsOf(stage);
  return [...byKinds]
    .flatMap(([kinds, all]) =>
      byPlace(graph, all, positions).map((runs, at, places) =>
        placeOf(graph, places.length === 1 ? kinds : `${kinds} ${at + 1}`, runs),
      ),
    )
    .sort((a, b) => b.kernelNs - a.kernelNs || compareText(a.key, b.key));
}

/** Every run of the stage, by the order in which they end. */
function runsOf(graph: KernelGraph, stage: StageGraph, claimed: ReadonlySet<Row>): readonly Run[] {
  const { gpu } = graph.trace;
  const isAnchor = graph.symbols.map(({ category }) => ANCHORS.has(category));
  const open = new Map<number, { before: Row | null; rows: Row[]; step: number }>();
  const runs: Run[] = [];
  const close = (stream: number, after: Row | null): void => {
    const run = open.get(stream);
    if (run !== undefined && run.rows.length >= RUN) runs.push({ ...run, after });
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
  return runs;
}

/** What a kernel around a run is for: its role where it is known, else its category. */
function kindOf(graph: KernelGraph, row: Row | null): string {
  if (row === null) return "step";
  const { role, category } = graph.symbols[graph.symbolOf[row]!]!;
  return role ?? category;
}

/** Position within the layer by GPU row; null where no layer repeats. */
function positionsOf({ events, layers }: StageGraph): ReadonlyMap<Row, number> | null {
  if (layers === null) return null;
  const positions = new Map<Row, number>();
  for (const [entry, row] of events.entries())
    if (layers.positionOf[entry]! >= 0) positions.set(row, layers.positionOf[entry]!);
  return positions;
}

/**
 * Runs between kernels of the same kinds, apart where a layer has several such places with other
 * kernels in them: the same kernels between the same kinds are one thing to write, wherever they
 * stand. What lies outside the layers that repeat (the first, the last) belongs to most runs.
 */
function byPlace(
  graph: KernelGraph,
  all: readonly Run[],
  positions: ReadonlyMap<Row, number> | null,
): readonly (readonly Run[])[] {
  const atPosition = new Map<number, Run[]>();
  const rest: Run[] = [];
  for (const run of all) {
    const position = positions?.get(run.rows[0]!);
    if (position === undefined) rest.push(run);
    else append(atPosition, position, run);
  }
  const places = new Map<string, Run[]>();
  for (const [, runs] of [...atPosition].sort(([a], [b]) => a - b)) {
    const kernels = usualKernels(graph, runs);
    places.set(kernels, [...(places.get(kernels) ?? []), ...runs]);
  }
  const [most = [], ...others] = [...places.values()].sort((a, b) => b.length - a.length);
  return [[...most, ...rest], ...others];
}

/** Kernels of a run in order, as most runs have them. */
function usualKernels({ trace: { gpu } }: KernelGraph, runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const { rows } of runs) {
    const names = rows.map((row) => gpu.name[row]).join(" ");
    counts.set(names, (counts.get(names) ?? 0) + 1);
  }
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

function placeOf(graph: KernelGraph, key: string, runs: readonly Run[]): SmallRuns {
  const { trace } = graph;
  const nameOf = (row: Row | null): string | null =>
    row === null ? null : kernelNameAt(trace, row).demangled;
  const pairs = new Map<string, { before: string | null; after: string | null; count: number }>();
  for (const run of runs) {
    const names = { before: nameOf(run.before), after: nameOf(run.after) };
    const pair = JSON.stringify(names);
    const known = pairs.get(pair) ?? { ...names, count: 0 };
    pairs.set(pair, { ...known, count: known.count + 1 });
  }
  const [[, { before, after }], ...others] = [...pairs].sort(
    (a, b) => b[1].count - a[1].count || compareText(a[0], b[0]),
  ) as [[string, { before: string | null; after: string | null }], ...unknown[]];
  const rows = runs.map((run) => run.rows);
  return { key, before, after, others: others.length, runs: rows, ...timesOf(graph, rows) };
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

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}
