import type { Report } from "../model/contracts/report.ts";
import type { NearMiss } from "../model/options.ts";
import type { Format, PageOptions } from "./document/format.ts";

/** How many rows a table shows at most; null = all. JSON always holds every row of the report. */
export interface TableLimits {
  readonly kernels: number | null;
  readonly overlap: number | null;
  readonly fuse: number | null;
}

/** Of kernels and of ops: the longest time first, or the most time above the limit. */
export type RowOrder = "time" | "headroom";

export interface RenderOptions extends PageOptions {
  readonly limits: TableLimits;
  readonly nearMisses: readonly NearMiss[];
  readonly order: RowOrder;
  /** Also a table of ops and shapes. */
  readonly byShape: boolean;
}

export type Renderer = Format<Report, RenderOptions>;

export const DEFAULT_RENDER_OPTIONS: RenderOptions = {
  width: 120,
  color: false,
  limits: { kernels: null, overlap: null, fuse: null },
  nearMisses: [],
  order: "time",
  byShape: false,
};
