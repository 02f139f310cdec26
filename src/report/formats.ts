import type { FormatName } from "./document/formats.ts";
import { formatsOf } from "./document/formats.ts";
import type { Renderer } from "./renderer.ts";
import { reportPage } from "./report-page.ts";
import { reportDocument } from "./triage/document.ts";

/** Every output format of a report by its name on the command line. */
export const FORMATS: Readonly<Record<FormatName, Renderer>> = {
  ...formatsOf("report", reportDocument),
  // Rows open, sort and filter there, so the page draws the report itself.
  html: (report, options) => reportPage([report], options),
};
