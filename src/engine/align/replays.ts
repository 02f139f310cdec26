import type { KernelGraph } from "../../model/kernel-graph.ts";
import { text } from "../../model/trace.ts";
import { NO_ROW, type Row } from "../../model/units.ts";

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
  const { gpu, launches } = graph.trace;
  const groups = new Map<number, Row[]>();
  for (let row = 0; row < gpu.count; row++) {
    const id = gpu.correlation[row]!;
    if (id === -1) continue;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  const replays: Replay[] = [];
  for (const rows of groups.values()) {
    const launch = graph.launchOf[rows[0]!]!;
    const api = launch === NO_ROW ? "" : text(graph.trace, launches.name[launch]!);
    if (!(/GraphLaunch/.test(api) || (launch === NO_ROW && rows.length >= GRAPH_SIZE))) continue;
    replays.push({
      launch,
      step: graph.stepOf[rows[0]!]!,
      lanes: byStream(graph, rows),
      count: rows.length,
    });
  }
  return replays.sort((a, b) => first(a) - first(b));
}

/** True when alignment could say more about this trace than the trace itself. */
export function replaysGraphs(graph: KernelGraph): boolean {
  return graphReplays(graph).length > 0;
}

function first(replay: Replay): Row {
  return Math.min(...replay.lanes.map((lane) => lane[0]!));
}

function byStream(graph: KernelGraph, rows: readonly Row[]): Row[][] {
  const lanes = new Map<number, Row[]>();
  for (const row of rows) {
    const stream = graph.trace.gpu.stream[row]!;
    const lane = lanes.get(stream);
    if (lane === undefined) lanes.set(stream, [row]);
    else lane.push(row);
  }
  return [...lanes.entries()]
    .sort(([a, x], [b, y]) => y.length - x.length || a - b)
    .map(([, lane]) => lane);
}
