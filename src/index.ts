/** The public API: what the command does, callable. Nothing else is promised. */
export { analyze } from "./commands/triage.ts";
export type { Report } from "./model/contracts/report.ts";
export { TriageError } from "./model/errors.ts";
export {
  type AnalyzeOptions,
  type AnalyzeResult,
  DEFAULT_ANALYZE_OPTIONS,
  type Progress,
} from "./model/options.ts";
export type { FormatName } from "./report/document/formats.ts";
export { FORMATS } from "./report/formats.ts";
