import { hostIdlePct, MOSTLY_IDLE_PCT } from "../../model/contracts/launch-bound.ts";
import type { TimelineReport } from "../../model/contracts/report.ts";

/**
 * True when the GPU mostly waits for the host to launch. Hiding a kernel behind another then saves
 * nothing: the time is not on the GPU.
 */
export function isLaunchBound(timeline: TimelineReport): boolean {
  return hostIdlePct(timeline) >= MOSTLY_IDLE_PCT;
}
