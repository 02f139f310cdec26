import { perfettoTrace } from "../commands/perfetto.ts";
import { renderDocuments } from "../commands/show.ts";
import type { Diff } from "../model/contracts/diff.ts";
import type { RanksReport } from "../model/contracts/ranks.ts";
import type { Report } from "../model/contracts/report.ts";
import type { RowExplanation } from "../model/contracts/row-explanation.ts";
import type { AnalyzeResult } from "../model/options.ts";
import type { FormatName } from "../report/document/formats.ts";
import { schemaNameOf } from "../report/read-report.ts";
import { DEFAULT_RENDER_OPTIONS, type RenderOptions } from "../report/renderer.ts";

/** What can be rendered: any document, or the reports of several ranks together. */
export type Renderable = Report | readonly Report[] | Diff | RanksReport | RowExplanation;

/** A document in any format of the commands. */
export function render(
  document: Renderable,
  format: FormatName,
  options: Partial<RenderOptions> = {},
): string {
  const documents = Array.isArray(document) ? document : [document];
  const name = schemaNameOf(documents[0]);
  return renderDocuments({ name, documents }, format, { ...DEFAULT_RENDER_OPTIONS, ...options });
}

/**
 * The findings on the time axis, for https://ui.perfetto.dev: pieces of one JSON text.
 *
 * @param result of `triage` with `spans: true`
 * @param options with `full`, every event of the recorded trace too
 * @throws {TriageError} for several traces, or a damaged one, with `full`
 */
export function renderPerfetto(
  result: Pick<AnalyzeResult, "spans">,
  options: { readonly full?: boolean } = {},
): AsyncIterable<string | Uint8Array> {
  return perfettoTrace(result, options.full ?? false);
}
