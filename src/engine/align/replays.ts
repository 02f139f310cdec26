import { groupBy } from "../../base/group-by.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { NO_ID, NO_ROW, type Row } from "../../model/trace/units.ts";

/** One graph launch and the GPU events it replayed. */
export interface Replay {
  /** Row of the graph launch in Trace.launches, NO_ROW when it fell outside the window. */
  readonly launch: Row;
  /** Step index, -1 outside every step. */
  readonly step: number;
  /** GPU rows per stream, each ascending by start; the stream with most kernels first. */
  readonly lanes: readonly (readonly Row[])[];
  readonly count: number;
}

/** So many events behind one correlation id cannot be anything but a graph, even without its launch. */
const GRAPH_SIZE = 16;

/** Graph replays by the start of their first kernel. */
export function graphReplays(graph: KernelGraph): Replay[] {
  const replays: Replay[] = [];
  for (const [launch, rows] of replayedRows(graph)) {
    if (launch < 0 && rows.length < GRAPH_SIZE) continue;
    replays.push({
      launch: Math.max(launch, NO_ROW),
      step: graph.stepOf[rows[0]!]!,
      lanes: byStream(graph, rows),
      count: rows.length,
    });
  }
  return replays.sort((a, b) => first(a) - first(b));
}

/**
 * Rows by the graph launch behind them; rows without a launch by their correlation, under keys
 * below NO_ROW. Kernels with a launch of their own, nearly all of an eager trace, cost a look-up.
 */
function replayedRows(graph: KernelGraph): ReadonlyMap<number, Row[]> {
  const { gpu } = graph.trace;
  const isReplay = graph.isReplay;
  const groups = new Map<number, Row[]>();
  for (let row = 0; row < gpu.count; row++) {
    const launch = graph.launchOf[row]!;
    const correlation = gpu.correlation[row]!;
    // A recorder without ids writes 0 everywhere.
    const hasNoId = correlation === NO_ID || correlation === 0;
    if (launch === NO_ROW ? hasNoId : isReplay[launch] === 0) continue;
    // Correlations are above 0 or, when huge, below NO_ID: both map to distinct negative keys.
    const key =
      launch === NO_ROW ? -2 - 2 * Math.abs(correlation) - Number(correlation < 0) : launch;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** True when alignment could say more about this trace than the trace itself. */
export function replaysGraphs(graph: KernelGraph): boolean {
  return graphReplays(graph).length > 0;
}

function first(replay: Replay): Row {
  return Math.min(...replay.lanes.map((lane) => lane[0]!));
}

function byStream(graph: KernelGraph, rows: readonly Row[]): Row[][] {
  return [...groupBy(rows, (row) => graph.trace.gpu.stream[row]!)]
    .sort(([a, x], [b, y]) => y.length - x.length || a - b)
    .map(([, lane]) => lane);
}
