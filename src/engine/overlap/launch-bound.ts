import type { TimelineReport } from "../../model/report.ts";
import { percent } from "../../model/units.ts";

/** Idle share from which on the host, not the GPU, sets the pace of a stage. */
const MOSTLY_IDLE_PCT = 50;

/**
 * True when the GPU mostly waits for the host to launch. Hiding a kernel behind another then saves
 * nothing: the time is not on the GPU. A hole (a cut trace) is no verdict about the host.
 */
export function isLaunchBound({ totalUs, idleCauses }: TimelineReport): boolean {
  const sum = (causes: readonly string[]): number =>
    idleCauses.reduce((total, { cause, us }) => total + (causes.includes(cause) ? us : 0), 0);
  const whole = totalUs - sum(["hole"]);
  return percent(sum(["host-launch", "graph-launch"]), whole) >= MOSTLY_IDLE_PCT;
}
