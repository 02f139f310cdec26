import { inertJson } from "../../../report/document/inert.ts";
import { countsOf } from "./counts.ts";
import type { DiagnosticFormat } from "./format.ts";

/** The diagnostics as they are: offsets count UTF-16 units, lines and columns from 1. */
export const json: DiagnosticFormat = ({ diagnostics }) =>
  inertJson(
    `${JSON.stringify({ schemaVersion: 1, ...countsOf(diagnostics), diagnostics }, null, 2)}\n`,
  );
