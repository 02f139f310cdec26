import { type Trace, text } from "../../model/trace.ts";
import { NO_ROW } from "../../model/units.ts";
import { distinctNames } from "./distinct-names.ts";
import { IdIndex } from "./id-index.ts";

/**
 * Joins every GPU event to the host call that submitted it: Kineto writes the same correlation on
 * both. A graph replay has one launch for all its kernels, so this is many-to-one there.
 *
 * @returns per GPU row the row in `trace.launches`, -1 where the launch is not in the trace.
 */
export function matchLaunches(trace: Trace): Int32Array {
  const { gpu, launches } = trace;
  const launchOf = new Int32Array(gpu.count).fill(NO_ROW);
  const byCorrelation = new IdIndex(launches.correlation);
  for (let row = 0; row < gpu.count; row++)
    launchOf[row] = byCorrelation.get(gpu.correlation[row]!);
  return launchOf;
}

/** One flag per launch: 1 where the call replays a captured CUDA or HIP graph. */
export function graphReplays(trace: Trace): Uint8Array {
  const { name, count } = trace.launches;
  const isReplayName = new Uint8Array(trace.strings.length);
  for (const id of distinctNames(trace, trace.launches))
    isReplayName[id] = Number(/GraphLaunch/.test(text(trace, id)));
  const flags = new Uint8Array(count);
  for (let row = 0; row < count; row++) flags[row] = isReplayName[name[row]!]!;
  return flags;
}
