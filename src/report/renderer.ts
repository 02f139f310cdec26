import type { NearMiss } from "../model/options.ts";
import type { Report } from "../model/report.ts";

/** How many rows a table shows at most; null = all. JSON always holds every row of the report. */
export interface TableLimits {
  readonly kernels: number | null;
  readonly overlap: number | null;
  readonly fuse: number | null;
}

/** What a format may depend on besides the report. Formats ignore what means nothing to them. */
export interface RenderOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  readonly limits: TableLimits;
  readonly nearMisses: readonly NearMiss[];
}

/** Formats a report: pure, equal arguments give equal bytes; the text ends with one newline. */
export type Renderer = (report: Report, options: RenderOptions) => string;

export const DEFAULT_RENDER_OPTIONS: RenderOptions = {
  width: 120,
  color: false,
  limits: { kernels: null, overlap: null, fuse: null },
  nearMisses: [],
};
