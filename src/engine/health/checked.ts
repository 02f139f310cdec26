import type { HealthFinding } from "../../model/contracts/health.ts";
import type { Trace } from "../../model/trace/trace.ts";

/** What one check made of a trace. */
export interface Checked {
  readonly trace: Trace;
  readonly findings: readonly HealthFinding[];
}
