import { percent } from "../trace/units.ts";
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
export function hostIdlePct(timeline: TimelineReport): number {
  const { totalUs, idleCauses } = usualTime(timeline);
  const sum = (causes: readonly string[]): number =>
    idleCauses.reduce((total, { cause, us }) => total + (causes.includes(cause) ? us : 0), 0);
  return percent(sum(["host-launch", "graph-launch"]), totalUs - sum(["hole", "host-pause"]));
}

/** Wall and idle time without the steps that are set apart: what verdicts rest on. */
export function usualTime({
  totalUs,
  busyUs,
  idleUs,
  idleCauses,
  apart,
}: TimelineReport): Pick<TimelineReport, "totalUs" | "busyUs" | "idleUs" | "idleCauses"> {
  const causes = idleCauses.map((one) => {
    const odd = apart?.idleCauses.find(({ cause }) => cause === one.cause)?.us ?? 0;
    return { ...one, us: Math.max(0, one.us - odd) };
  });
  const oddIdle = apart?.idleCauses.reduce((sum, { us }) => sum + us, 0) ?? 0;
  const oddBusy = apart === null ? 0 : Math.max(0, apart.totalUs - oddIdle);
  return {
    totalUs: Math.max(0, totalUs - (apart?.totalUs ?? 0)),
    busyUs: Math.max(0, busyUs - oddBusy),
    idleUs: Math.max(0, idleUs - oddIdle),
    idleCauses: causes,
  };
}
