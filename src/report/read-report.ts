import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { packageFile } from "../base/package-files.ts";
import { parseJson } from "../base/read-json.ts";
import { type Report, SCHEMA_VERSION } from "../model/contracts/report.ts";
import { EXIT, TriageError } from "../model/errors.ts";

/** How every JSON report begins; traces begin with "schemaVersion", too, but name no tool. */
const BEGINNING = /^\s*(?:\[\s*)?\{\s*"schemaVersion"\s*:\s*\d+\s*,\s*"tool"\s*:/;

/** True for the beginning of a file that `--format json` wrote. */
export function looksLikeReport(beginning: string): boolean {
  return BEGINNING.test(beginning);
}

/**
 * Reads what `--format json` wrote; several ranks are a list.
 *
 * @throws {TriageError} report/not-json, report/version, report/invalid (exit 3)
 */
export function readReports(text: string, path: string): readonly Report[] {
  const wrong = (code: string, message: string): TriageError =>
    new TriageError({
      code: `report/${code}`,
      exit: EXIT.unreadable,
      message,
      place: path,
      hint: "Write it again with this version: triage TRACE --format json --min-share 0 -o FILE.",
    });
  let found: unknown;
  try {
    found = parseJson(text);
  } catch (error) {
    throw wrong("not-json", `The report is no whole JSON: ${String((error as Error).message)}.`);
  }
  const reports: readonly unknown[] = Array.isArray(found) ? found : [found];
  for (const report of reports) {
    const version = (report as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
    if (version !== SCHEMA_VERSION)
      throw wrong(
        "version",
        `Version ${String(version)} of the report, ${SCHEMA_VERSION} expected.`,
      );
    const validate = schema();
    if (validate(report)) continue;
    const [first] = validate.errors ?? [];
    const where = first?.instancePath === "" ? "the report" : first?.instancePath;
    throw wrong("invalid", `Not as the schema of reports says: ${where} ${first?.message}.`);
  }
  return reports as readonly Report[];
}

let compiled: ValidateFunction | null = null;

function schema(): ValidateFunction {
  if (compiled === null) {
    // Ours and tested: checking the schema itself would take longer than all else.
    const ajv = new Ajv2020({ strict: false, meta: false, validateSchema: false });
    compiled = ajv.compile(
      JSON.parse(readFileSync(packageFile("references/report.schema.json"), "utf8")),
    );
  }
  return compiled;
}
