import type { TraceSpans } from "../../model/trace/trace-spans.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";
import { inertJson } from "../document/inert.ts";
import { findingTracks } from "./finding-tracks.ts";
import { gpuTracks } from "./gpu-tracks.ts";
import { type IsOver, layLanes } from "./lanes.ts";
import type { Track, TrackGroup } from "./track.ts";

/** Far above what recorders use, so that the tracks can stand beside those of the recorded file. */
const FIRST_PID = 900_000_000;
/** Headings that should come before everything a recorder writes. */
const FIRST_SORT_INDEX = -1000;
const PIECE = 1 << 16;

/**
 * The events of a Chrome trace (the "JSON array format" that Perfetto, chrome://tracing and
 * torch.profiler share): the GPU's work on its streams, and the findings as tracks of their own. Text comes in
 * pieces, events separated by commas, without the list's brackets; never empty.
 *
 * Times are the recorded file's, so that both can be laid side by side.
 */
export function* perfettoEvents(traces: readonly TraceSpans[]): Generator<string> {
  let piece = "";
  let isFirst = true;
  for (const event of allEvents(traces)) {
    piece += isFirst ? event : `,\n${event}`;
    isFirst = false;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function* allEvents(traces: readonly TraceSpans[]): Generator<string> {
  let index = 0;
  for (const spans of traces) {
    const label = traces.length === 1 ? "" : labelOf(spans, traces);
    for (const group of [findingTracks(spans, label), ...gpuTracks(spans, label)])
      yield* groupEvents(group, index++, spans.graph.trace.baseUs);
  }
}

/** The rank where it tells the traces apart, else the file. */
function labelOf({ graph: { trace } }: TraceSpans, traces: readonly TraceSpans[]): string {
  const { rank, path } = trace.origin;
  const sameRank = traces.filter((other) => other.graph.trace.origin.rank === rank);
  return rank !== null && sameRank.length === 1 ? ` of rank ${rank}` : ` of ${path}`;
}

function* groupEvents(group: TrackGroup, index: number, baseUs: number): Generator<string> {
  const pid = FIRST_PID + index;
  yield metadata(pid, 0, "process_name", { name: `fuse-triage: ${group.name}` });
  yield metadata(pid, 0, "process_sort_index", { sort_index: FIRST_SORT_INDEX + index });
  let tid = 1;
  for (const track of group.tracks) {
    const { laneOf, lanes } = layLanes(track.count, [exactly(track), asViewed(track, baseUs)]);
    for (let lane = 0; lane < lanes; lane++) {
      const name = lane === 0 ? track.name : `${track.name} (overlapping, ${lane + 1})`;
      yield metadata(pid, tid + lane, "thread_name", { name });
      yield metadata(pid, tid + lane, "thread_sort_index", { sort_index: tid + lane });
    }
    for (let at = 0; at < track.count; at++)
      yield sliceEvent(track, at, pid, tid + laneOf[at]!, baseUs);
    tid += lanes;
  }
}

const exactly =
  (track: Track): IsOver =>
  (slice, next) =>
    track.endOf(slice) <= track.startOf(next);

/**
 * Viewers read times as doubles and cut them to whole nanoseconds: far from zero, slices that touch
 * overlap by a little there.
 */
function asViewed(track: Track, baseUs: number): IsOver {
  const viewed = (base: number, ns: Nanoseconds): Nanoseconds =>
    Math.trunc(Number(microseconds(base, ns)) * 1000);
  return (slice, next) => {
    const length = viewed(0, track.endOf(slice) - track.startOf(slice));
    // The difference of two such starts is exact, their sum with a length is not.
    return length <= viewed(baseUs, track.startOf(next)) - viewed(baseUs, track.startOf(slice));
  };
}

function metadata(pid: number, tid: number, name: string, args: object): string {
  return inertJson(JSON.stringify({ name, ph: "M", pid, tid, ts: 0, args }));
}

function sliceEvent(track: Track, at: number, pid: number, tid: number, baseUs: number): string {
  const { name, category, args } = track.sliceOf(at);
  const start = track.startOf(at);
  const ts = microseconds(baseUs, start);
  const dur = microseconds(0, track.endOf(at) - start);
  return `{"ph":"X","name":${quoted(name)},"cat":${quoted(category)},"pid":${pid},"tid":${tid},"ts":${ts},"dur":${dur},"args":${args}}`;
}

const quoted = (text: string): string => inertJson(JSON.stringify(text));

/** Exact however far the base is from zero: a double would round thousandths of an epoch away. */
function microseconds(baseUs: number, ns: Nanoseconds): string {
  const whole = Math.floor(ns / 1000);
  const rest = ns - whole * 1000;
  const text = String(baseUs + whole);
  return rest === 0 ? text : `${text}.${String(rest).padStart(3, "0")}`;
}
