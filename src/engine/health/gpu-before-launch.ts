import type { HealthFinding } from "../../model/contracts/health.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { type Nanoseconds, NO_ROW, toUs } from "../../model/trace/units.ts";
import { placeOf } from "./place.ts";

/** Clocks are set against each other to a few microseconds. */
const NOISE: Nanoseconds = 5_000;
/** They drift apart by more within a recording, here and there, and nothing is wrong. */
const DRIFT: Nanoseconds = 100_000;
const DRIFTING_SHARE = 0.25;

/**
 * Work that starts before the call that launched it: the clocks of host and GPU disagree. Some of it by little
 * is drift (four V100 of one real job: up to a fifth of their kernels, by up to 79 µs).
 */
export function gpuBeforeLaunch(trace: Trace, launchOf: Int32Array): HealthFinding[] {
  const { gpu, launches } = trace;
  let count = 0;
  let launched = 0;
  let worst = NO_ROW;
  let most = 0;
  for (let row = 0; row < gpu.count; row++) {
    const launch = launchOf[row]!;
    if (launch === NO_ROW) continue;
    launched++;
    const early = launches.start[launch]! - gpu.start[row]!;
    if (early <= NOISE) continue;
    count++;
    if (early <= most) continue;
    most = early;
    worst = row;
  }
  if (count === 0 || (most <= DRIFT && count < DRIFTING_SHARE * launched)) return [];
  return [
    {
      kind: "gpu-before-launch",
      count,
      us: 0,
      where: `by up to ${toUs(most).toFixed(1)} us: ${placeOf(trace, worst)}`,
      remedy:
        "the clocks of GPU and host disagree: durations and order on the GPU hold, what the host did meanwhile is not told; record again, with a newer driver or CUPTI if it stays",
    },
  ];
}
