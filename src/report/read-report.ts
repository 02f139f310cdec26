import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { packageText } from "../base/files/package-files.ts";
import { parseJson } from "../base/files/read-json.ts";
import type { Report } from "../model/contracts/report.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { SchemaName } from "./document/json.ts";

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
  return validated(parsed(text, path), "report", path) as readonly Report[];
}

/** A document of any command's `--format json`, with the schema it keeps. */
export interface StoredDocument {
  readonly name: SchemaName;
  /** One; several only of reports. */
  readonly documents: readonly unknown[];
}

/**
 * Reads what any command wrote with `--format json`.
 *
 * @throws {TriageError} report/not-json, report/version, report/invalid (exit 3)
 */
export function readStored(text: string, path: string): StoredDocument {
  const documents = parsed(text, path);
  if (documents.length === 0) throw wrong(path, "empty", "The list of reports is empty.");
  const name = schemaNameOf(documents[0]);
  return { name, documents: validated(documents, name, path) };
}

/** Told by a field that only this document has. */
export function schemaNameOf(document: unknown): SchemaName {
  const has = (key: string): boolean =>
    typeof document === "object" && document !== null && Object.hasOwn(document, key);
  if (has("before")) return "diff";
  if (has("row")) return "explanation";
  if (has("flips")) return "fleet";
  return has("ranks") ? "ranks" : "report";
}

function wrong(path: string, code: string, message: string): TriageError {
  return new TriageError({
    code: `report/${code}`,
    exit: EXIT.unreadable,
    message,
    place: path,
    hint: "Write it again with this version: triage TRACE --format json --min-share 0 -o FILE.",
  });
}

function parsed(text: string, path: string): readonly unknown[] {
  try {
    const found: unknown = parseJson(text);
    return Array.isArray(found) ? found : [found];
  } catch (error) {
    throw wrong(
      path,
      "not-json",
      `The report is no whole JSON: ${String((error as Error).message)}.`,
    );
  }
}

function validated(
  documents: readonly unknown[],
  name: SchemaName,
  path: string,
): readonly unknown[] {
  for (const document of documents) {
    const version = (document as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
    const { validate, expected } = schema(name);
    if (version !== expected)
      throw wrong(
        path,
        "version",
        `Version ${String(version)} of the ${name}, ${expected} expected.`,
      );
    if (validate(document)) continue;
    const [first] = validate.errors ?? [];
    const where = first?.instancePath === "" ? `the ${name}` : first?.instancePath;
    throw wrong(
      path,
      "invalid",
      `Not as the schema of ${name === "ranks" || name === "fleet" ? name : `${name}s`} says: ${where} ${first?.message}.`,
    );
  }
  return documents;
}

interface Schema {
  readonly validate: ValidateFunction;
  /** Version that documents of this schema carry. */
  readonly expected: number;
}

const schemas = new Map<SchemaName, Schema>();

function schema(name: SchemaName): Schema {
  let known = schemas.get(name);
  if (known === undefined) {
    // Ours and tested: checking the schema itself would take longer than all else.
    const ajv = new Ajv2020({ strict: false, meta: false, validateSchema: false });
    const text = JSON.parse(packageText(`references/${name}.schema.json`));
    known = { validate: ajv.compile(text), expected: text.properties.schemaVersion.const };
    schemas.set(name, known);
  }
  return known;
}
