import type { Trace } from "../../model/trace.ts";
import { NO_ROW } from "../../model/units.ts";
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
  const isReplayName = Uint8Array.from(trace.strings, (name) => Number(/GraphLaunch/.test(name)));
  const flags = new Uint8Array(trace.launches.count);
  for (let row = 0; row < flags.length; row++)
    flags[row] = isReplayName[trace.launches.name[row]!]!;
  return flags;
}
