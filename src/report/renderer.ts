import type { NearMiss } from "../model/options.ts";
import type { Report } from "../model/report.ts";
import type { Format, PageOptions } from "./document/format.ts";

/** How many rows a table shows at most; null = all. JSON always holds every row of the report. */
export interface TableLimits {
  readonly kernels: number | null;
  readonly overlap: number | null;
  readonly fuse: number | null;
}

export interface RenderOptions extends PageOptions {
  readonly limits: TableLimits;
  readonly nearMisses: readonly NearMiss[];
}

export type Renderer = Format<Report, RenderOptions>;

export const DEFAULT_RENDER_OPTIONS: RenderOptions = {
  width: 120,
  color: false,
  limits: { kernels: null, overlap: null, fuse: null },
  nearMisses: [],
};
