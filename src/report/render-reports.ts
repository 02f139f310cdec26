import type { Report } from "../model/contracts/report.ts";
import { LEAST_MAX_BYTES } from "./document/brief.ts";
import type { FormatName } from "./document/formats.ts";
import { FORMATS } from "./formats.ts";
import type { RenderOptions } from "./renderer.ts";
import { reportPage } from "./report-page.ts";

/**
 * One text for the reports of several ranks. One report is itself; several are a JSON array, tabs
 * of one page, or follow each other in the formats for people, near misses after the last.
 */
export function renderReports(
  reports: readonly Report[],
  format: FormatName,
  options: RenderOptions,
): string {
  if (format === "html") return reportPage(reports, options);
  const texts = reports.map((report, at) =>
    FORMATS[format](report, {
      ...options,
      ...(options.maxBytes === undefined
        ? {}
        : { maxBytes: Math.max(LEAST_MAX_BYTES, Math.floor(options.maxBytes / reports.length)) }),
      nearMisses: at === reports.length - 1 ? options.nearMisses : [],
    }),
  );
  if (format !== "json" || texts.length === 1) return texts.join("\n");
  return `[\n${texts.map((text) => text.trimEnd()).join(",\n")}\n]\n`;
}
