import { percent } from "../units.ts";
import type { TimelineReport } from "./report.ts";

/** Idle share from which on the host, not the GPU, sets the pace of a stage. */
export const MOSTLY_IDLE_PCT = 50;

/** Wall time of a stage without holes of the recording, which nothing can make shorter. */
export function withoutHolesUs({
  totalUs,
  idleCauses,
}: Pick<TimelineReport, "totalUs" | "idleCauses">): number {
  return idleCauses.reduce((left, { cause, us }) => (cause === "hole" ? left - us : left), totalUs);
}

/** Share of a stage in which the GPU waits for the host to launch. A hole (a cut trace) is no time of the host's; a pause (loading data) is, but no launch makes it shorter. */
export function hostIdlePct({
  totalUs,
  idleCauses,
}: Pick<TimelineReport, "totalUs" | "idleCauses">): number {
  const sum = (causes: readonly string[]): number =>
    idleCauses.reduce((total, { cause, us }) => total + (causes.includes(cause) ? us : 0), 0);
  return percent(sum(["host-launch", "graph-launch"]), totalUs - sum(["hole", "host-pause"]));
}
