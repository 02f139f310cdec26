import { firstIndex } from "../../base/first-index.ts";
import { type Trace, text } from "../../model/trace/trace.ts";
import { type EventId, NO_ROW, type Row } from "../../model/trace/units.ts";
import { distinctNames } from "./distinct-names.ts";
import { IdIndex } from "./id-index.ts";

/**
 * Joins every GPU event to the host call that submitted it: Kineto writes the same correlation on
 * both. A graph replay has one launch for all its kernels, so this is many-to-one there.
 *
 * Correlations that several launches bear (ranks merged into one file, a recording whose ids
 * began anew) mean the launch of the stream's own process, and of those the nearest before.
 *
 * @returns per GPU row the row in `trace.launches`, -1 where the launch is not in the trace.
 */
export function matchLaunches(trace: Trace): Int32Array {
  const { gpu, launches } = trace;
  const launchOf = new Int32Array(gpu.count).fill(NO_ROW);
  const repeated = new Map<EventId, Row[]>();
  const byCorrelation = new IdIndex(launches.correlation, undefined, (id, first, row) => {
    const rows = repeated.get(id);
    if (rows === undefined) repeated.set(id, [first, row]);
    else rows.push(row);
  });
  for (let row = 0; row < gpu.count; row++)
    launchOf[row] = byCorrelation.get(gpu.correlation[row]!);
  // A recorder that has no ids writes 0 everywhere.
  if (repeated.delete(0 as EventId))
    for (let row = 0; row < gpu.count; row++)
      if (gpu.correlation[row] === 0) launchOf[row] = NO_ROW;
  if (repeated.size > 0) chooseAmong(repeated, trace, launchOf);
  return launchOf;
}

/** So much earlier than its launch a kernel may seem to start where clocks differ a little. */
const CLOCK_NOISE = 5_000;

function chooseAmong(
  repeated: ReadonlyMap<EventId, readonly Row[]>,
  trace: Trace,
  launchOf: Int32Array,
): void {
  const { gpu, launches, streams, threads } = trace;
  const processOf = streams.map(({ process }) => process);
  for (let row = 0; row < gpu.count; row++) {
    const rows = repeated.get(gpu.correlation[row]!);
    if (rows === undefined) continue;
    const process = processOf[gpu.stream[row]!];
    const own =
      process === undefined
        ? rows
        : rows.filter((launch) => threads[launches.thread[launch]!]!.pid === process);
    launchOf[row] = nearestBefore(
      own.length > 0 ? own : rows,
      launches.start,
      gpu.start[row]! + CLOCK_NOISE,
    );
  }
}

/** Of rows by ascending start the last that starts up to `time`, else the first. */
function nearestBefore(rows: readonly Row[], start: Float64Array, time: number): Row {
  const behind = firstIndex(0, rows.length, (at) => start[rows[at]!]! > time);
  return rows[Math.max(0, behind - 1)]!;
}

/** One flag per launch: 1 where the call replays a captured CUDA or HIP graph. */
export function replayCalls(trace: Trace): Uint8Array {
  const { name, count } = trace.launches;
  const isReplayName = new Uint8Array(trace.strings.length);
  for (const id of distinctNames(trace, trace.launches))
    isReplayName[id] = Number(/GraphLaunch/.test(text(trace, id)));
  const flags = new Uint8Array(count);
  for (let row = 0; row < count; row++) flags[row] = isReplayName[name[row]!]!;
  return flags;
}
