import { firstIndex } from "../../base/first-index.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, type Row } from "../../model/trace/units.ts";
import { COMMUNICATION_CATEGORIES } from "../overlap/work-kind.ts";
import type { HostWaits } from "../timeline/host-waits.ts";

/**
 * What held each GPU event and each host call back, as the trace shows it. Traces record no
 * dependencies, so they are told from times: what ended last before a start is what it waited for.
 */
export interface Dependencies {
  /** Per GPU row: the event before it on its stream, {@link NO_ROW} for the first. */
  readonly before: Int32Array;
  /** Per GPU row: an event of another stream that it waited for, {@link NO_ROW} without one. */
  readonly across: Int32Array;
  /**
   * Per GPU row: the last collective of another stream that had ended and been launched before it,
   * {@link NO_ROW} without one. Whether its data was needed the trace does not tell.
   */
  readonly joins: Int32Array;
  /**
   * Per GPU row: of a collective the event of another stream that its thread launched last before it,
   * {@link NO_ROW} elsewhere. Frameworks let the stream of a collective wait for what was launched.
   */
  readonly feeds: Int32Array;
  /** Per host call: the call before it on its thread, {@link NO_ROW} for the first. */
  readonly callBefore: Int32Array;
  /** Per host call: the GPU event whose end it waited for, {@link NO_ROW} where it did not wait. */
  readonly waitsFor: Int32Array;
  /** Per host call: the GPU event that the last wait of its thread waited for, {@link NO_ROW} without one. */
  readonly knewOf: Int32Array;
  /** Per host call: 1 where it replays a graph. */
  readonly isReplay: Uint8Array;
}

/** O(n log n) in GPU events, linear in host calls. */
export function dependencies(graph: KernelGraph, waits: HostWaits): Dependencies {
  const { trace } = graph;
  const { gpu, launches } = trace;
  const byEnd = rowsByEnd(graph);
  const before = new Int32Array(gpu.count).fill(NO_ROW);
  const across = new Int32Array(gpu.count).fill(NO_ROW);
  const joins = new Int32Array(gpu.count).fill(NO_ROW);
  const isCollective = graph.symbols.map(({ category }) => COMMUNICATION_CATEGORIES.has(category));
  const last = new Int32Array(trace.streams.length).fill(NO_ROW);
  let ended = 0;
  let collective = NO_ROW;
  for (let row = 0; row < gpu.count; row++) {
    const start = gpu.start[row]!;
    while (ended < byEnd.length && gpuEnd(gpu, byEnd[ended]!) <= start) {
      if (isCollective[graph.symbolOf[byEnd[ended]!]!]) collective = byEnd[ended]!;
      ended++;
    }
    const stream = gpu.stream[row]!;
    before[row] = last[stream]!;
    if (
      collective >= 0 &&
      gpu.stream[collective] !== stream &&
      launchStart(graph, collective) < launchStart(graph, row)
    )
      joins[row] = collective;
    last[stream] = row;
    const latest = ended === 0 ? NO_ROW : byEnd[ended - 1]!;
    if (latest >= 0 && gpu.stream[latest] !== stream && holdsBack(graph, latest, row, before[row]!))
      across[row] = latest;
  }
  const callBefore = new Int32Array(launches.count).fill(NO_ROW);
  const lastCall = new Int32Array(trace.threads.length).fill(NO_ROW);
  for (let call = 0; call < launches.count; call++) {
    const thread = launches.thread[call]!;
    callBefore[call] = lastCall[thread]!;
    lastCall[thread] = call;
  }
  const waitsFor = new Int32Array(launches.count).fill(NO_ROW);
  for (let thread = 0; thread < trace.threads.length; thread++)
    for (const call of waits.of(thread)) {
      const row = lastEnding(graph, byEnd, launches.start[call]! + launches.duration[call]!);
      // An event that had ended before the call began held nobody up.
      if (row >= 0 && gpuEnd(gpu, row) > launches.start[call]!) waitsFor[call] = row;
    }
  const knewOf = new Int32Array(launches.count).fill(NO_ROW);
  for (let call = 0; call < launches.count; call++) {
    const previous = callBefore[call]!;
    if (previous < 0) continue;
    knewOf[call] = waitsFor[previous]! >= 0 ? waitsFor[previous]! : knewOf[previous]!;
  }
  const feeds = feedsOf(graph, isCollective);
  return { before, across, joins, feeds, callBefore, waitsFor, knewOf, isReplay: graph.isReplay };
}

/** What each collective's thread had launched last on another stream; linear in host calls. */
function feedsOf(graph: KernelGraph, isCollective: readonly boolean[]): Int32Array {
  const { gpu, launches, threads } = graph.trace;
  const feeds = new Int32Array(gpu.count).fill(NO_ROW);
  const launched = new Int32Array(launches.count).fill(NO_ROW);
  for (let row = 0; row < gpu.count; row++) {
    const launch = graph.launchOf[row]!;
    if (launch >= 0) launched[launch] = row;
  }
  const last = new Int32Array(threads.length).fill(NO_ROW);
  for (let call = 0; call < launches.count; call++) {
    const row = launched[call]!;
    if (row < 0) continue;
    const thread = launches.thread[call]!;
    if (!isCollective[graph.symbolOf[row]!]) last[thread] = row;
    else if (last[thread]! >= 0 && gpu.stream[last[thread]!] !== gpu.stream[row])
      feeds[row] = last[thread]!;
  }
  return feeds;
}

/** Of what has no launch in the trace, before everything. */
function launchStart({ trace: { launches }, launchOf }: KernelGraph, row: Row): Nanoseconds {
  const launch = launchOf[row]!;
  return launch < 0 ? Number.NEGATIVE_INFINITY : launches.start[launch]!;
}

/** Two streams that hand over do so within tens of microseconds. */
const HAND_OVER: Nanoseconds = 20_000;

/** True when neither its stream nor its launch explains the start of `row`, but the end of `other` does. */
function holdsBack(
  { trace: { gpu, launches }, launchOf }: KernelGraph,
  other: Row,
  row: Row,
  before: Row,
): boolean {
  const end = gpuEnd(gpu, other);
  if (gpu.start[row]! - end > HAND_OVER) return false;
  if (before >= 0 && gpuEnd(gpu, before) >= end) return false;
  const launch = launchOf[row]!;
  return launch < 0 || launches.start[launch]! + launches.duration[launch]! < end;
}

function rowsByEnd({ trace: { gpu } }: KernelGraph): Uint32Array {
  const rows = Uint32Array.from({ length: gpu.count }, (_, row) => row);
  return rows.sort((a, b) => gpuEnd(gpu, a) - gpuEnd(gpu, b) || a - b);
}

/** The event that ended last up to `time`, {@link NO_ROW} without one. */
function lastEnding({ trace: { gpu } }: KernelGraph, byEnd: Uint32Array, time: Nanoseconds): Row {
  const next = firstIndex(0, byEnd.length, (at) => gpuEnd(gpu, byEnd[at]!) > time);
  return next === 0 ? NO_ROW : byEnd[next - 1]!;
}
