import type { StageReport } from "../model/contracts/report.ts";

/** What one stage took, before and after. */
export interface StagePair {
  readonly before: StageReport;
  readonly after: StageReport;
}
