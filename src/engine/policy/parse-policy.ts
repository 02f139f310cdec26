import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { type Document, isNode, LineCounter } from "yaml";
import { packageText } from "../../base/files/package-files.ts";
import { readYaml } from "../../base/files/read-yaml.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Policy } from "./policy.ts";

export interface ParsedPolicy {
  /** Null when there are errors. */
  readonly policy: Policy | null;
  /** In source order. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a policy; everything wrong with it comes back with its place, nothing is thrown. */
export function parsePolicy(text: string, file: string): ParsedPolicy {
  const lines = new LineCounter();
  const read = readYaml(text, { lineCounter: lines, prettyErrors: false });
  const at = (code: string, message: string, start: number, end: number): Diagnostic => {
    const { line, col } = lines.linePos(start);
    return { code, severity: "error", message, file, range: { start, end, line, column: col } };
  };
  if (read.fault !== null)
    return { policy: null, diagnostics: [at("yaml/syntax", `the text ${read.fault}`, 0, 0)] };
  const { document, value: policy } = read;
  const faults = document.errors.map(({ message, pos }) => at("yaml/syntax", message, ...pos));
  if (faults.length > 0) return { policy: null, diagnostics: faults };

  const diagnostics = schemaErrors(policy).map((error) => {
    const [start, end] = rangeOf(document, error);
    return at("yaml/policy", inWords(error), start, end);
  });
  if (diagnostics.length === 0) diagnostics.push(...repeatedNames(policy as Policy, document, at));
  diagnostics.sort((a, b) => a.range.start - b.range.start);
  return { policy: diagnostics.length === 0 ? (policy as Policy) : null, diagnostics };
}

let compiled: ValidateFunction | null = null;

/** The schema is the one place that says what a policy may hold; compiled once. */
function schemaErrors(policy: unknown): readonly ErrorObject[] {
  if (compiled === null) {
    // The schema is ours and tested; checking it against its own schema takes longer than all else.
    const ajv = new Ajv2020({
      allErrors: true,
      strict: true,
      allowUnionTypes: true,
      meta: false,
      validateSchema: false,
    });
    compiled = ajv.compile(JSON.parse(packageText("references/policy.schema.json")));
  }
  if (compiled(policy)) return [];
  // "then" and "else" only say that the branch failed, which its own errors say better.
  return (compiled.errors ?? []).filter(({ keyword }) => keyword !== "if");
}

type Place = (code: string, message: string, start: number, end: number) => Diagnostic;

function repeatedNames(policy: Policy, document: Document, at: Place): Diagnostic[] {
  return (["rules", "gates"] as const).flatMap((list) => {
    const names = (policy[list] ?? []).map(({ name }) => name);
    return names.flatMap((name, index) => {
      if (names.indexOf(name) === index) return [];
      const [start, end] = rangeAt(document, [list, index, "name"]);
      return [
        at("yaml/policy", `'${name}' is already the name of another of the ${list}`, start, end),
      ];
    });
  });
}

function rangeOf(document: Document, error: ErrorObject): readonly [number, number] {
  const path = error.instancePath.split("/").slice(1).map(decodePointer);
  const extra = (error.params as { additionalProperty?: string }).additionalProperty;
  return rangeAt(document, path, extra);
}

/** Range of a value, or of one of its keys. */
function rangeAt(
  document: Document,
  path: readonly (string | number)[],
  key?: string,
): readonly [number, number] {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (key !== undefined && typeof node === "object" && node !== null && "items" in node) {
    const pairs = node.items as readonly { readonly key?: unknown }[];
    const found = pairs.map((pair) => pair.key).find((it) => isNode(it) && it.toString() === key);
    if (isNode(found) && found.range) return [found.range[0], found.range[1]];
  }
  if (isNode(node) && node.range) return [node.range[0], node.range[1]];
  return path.length === 0 ? [0, 0] : rangeAt(document, path.slice(0, -1));
}

function decodePointer(part: string): string | number {
  const text = part.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(text) ? Number(text) : text;
}

function inWords({ keyword, params, message }: ErrorObject): string {
  const given = params as Readonly<Record<string, unknown>>;
  if (keyword === "additionalProperties")
    return `'${String(given.additionalProperty)}' is not known here`;
  if (keyword === "required") return `'${String(given.missingProperty)}' is missing`;
  if (keyword === "enum") return `must be one of ${(given.allowedValues as string[]).join(", ")}`;
  if (keyword === "const") return `must be ${String(given.allowedValue)}`;
  return message ?? keyword;
}
