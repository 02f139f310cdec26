import type { AnalyzeOptions } from "../model/options.ts";
import type { Paths } from "./paths.ts";
import type { ReportShelf } from "./report-shelf.ts";

/** What the tools of one server share. */
export interface Session {
  readonly paths: Paths;
  readonly shelf: ReportShelf;
  /** Rules and settings, as the command line gave them; a call adds its traces and its signal. */
  readonly analysis: Omit<AnalyzeOptions, "inputs" | "mapping" | "formal">;
  readonly maxTokens: number;
}
