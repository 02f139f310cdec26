import type { Diff } from "../model/contracts/diff.ts";
import type { FleetReport } from "../model/contracts/fleet.ts";
import type { RanksReport } from "../model/contracts/ranks.ts";
import type { Report } from "../model/contracts/report.ts";
import type { RowExplanation } from "../model/contracts/row-explanation.ts";
import { DIFF_FORMATS } from "../report/diff/document.ts";
import type { FormatName } from "../report/document/formats.ts";
import { EXPLANATION_FORMATS } from "../report/explanation/document.ts";
import { FLEET_FORMATS } from "../report/fleet/document.ts";
import { RANKS_FORMATS } from "../report/ranks/document.ts";
import { readStored, type StoredDocument } from "../report/read-report.ts";
import { renderReports } from "../report/render-reports.ts";
import type { RenderOptions } from "../report/renderer.ts";

/**
 * A document that a command stored with `--format json`, in any format.
 *
 * @param path what errors call the text
 * @throws {TriageError} for what is no document of this version (exit 3)
 */
export function showStored(
  text: string,
  path: string,
  format: FormatName,
  options: RenderOptions,
): string {
  return renderDocuments(readStored(text, path), format, options);
}

/** Several documents only of reports. */
export function renderDocuments(
  { name, documents }: StoredDocument,
  format: FormatName,
  options: RenderOptions,
): string {
  if (name === "report") return renderReports(documents as readonly Report[], format, options);
  const [document] = documents;
  if (name === "diff") return DIFF_FORMATS[format](document as Diff, { ...options, failures: [] });
  if (name === "fleet") return FLEET_FORMATS[format](document as FleetReport, options);
  if (name === "ranks") return RANKS_FORMATS[format](document as RanksReport, options);
  return EXPLANATION_FORMATS[format](document as RowExplanation, options);
}
