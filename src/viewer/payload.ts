import type { Report } from "../model/contracts/report.ts";
import type { NearMiss } from "../model/options.ts";
import type { TableLimits } from "../report/renderer.ts";

/** What the page is given. */
export interface Payload {
  readonly reports: readonly Report[];
  readonly limits: TableLimits;
  readonly nearMisses: readonly NearMiss[];
}
