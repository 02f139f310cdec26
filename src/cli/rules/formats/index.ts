import type { DiagnosticFormat } from "./format.ts";
import { github } from "./github.ts";
import { json } from "./json.ts";
import { pretty } from "./pretty.ts";
import { sarif } from "./sarif.ts";

export const FORMATS = { pretty, json, sarif, github } as const satisfies Record<
  string,
  DiagnosticFormat
>;
type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
