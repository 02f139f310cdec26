/** The public API, documented in docs/library.md. Nothing else is promised. */
export { type DiffOptions, diff } from "./library/diff.ts";
export type { Paths, TriageOptions } from "./library/options.ts";
export { type Renderable, render, renderPerfetto } from "./library/render.ts";
export { explain, ranks, triage } from "./library/traces.ts";
export type { Diff } from "./model/contracts/diff.ts";
export type { RanksReport } from "./model/contracts/ranks.ts";
export type { Report } from "./model/contracts/report.ts";
export type { RowExplanation } from "./model/contracts/row-explanation.ts";
export { TriageError } from "./model/errors.ts";
export type { AnalyzeResult, Gate, NearMiss, Progress } from "./model/options.ts";
export type { FormatName } from "./report/document/formats.ts";
export type { RenderOptions } from "./report/renderer.ts";
