import { inertJson } from "../../../report/document/inert.ts";
import { countsOf, type DiagnosticFormat } from "./format.ts";
import { github } from "./github.ts";
import { pretty } from "./pretty.ts";
import { sarif } from "./sarif.ts";

/** The diagnostics as they are: offsets count UTF-16 units, lines and columns from 1. */
const json: DiagnosticFormat = ({ diagnostics }) =>
  inertJson(
    `${JSON.stringify({ schemaVersion: 1, ...countsOf(diagnostics), diagnostics }, null, 2)}\n`,
  );

export const FORMATS = { pretty, json, sarif, github } as const satisfies Record<
  string,
  DiagnosticFormat
>;
type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
