import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { type Document, isPair, isScalar, LineCounter, type Node } from "yaml";
import { readYaml } from "../base/files/read-yaml.ts";
import type { Diagnostic, SourceRange } from "../model/diagnostic.ts";
import type { ReleaseLock } from "./release-lock.ts";

/** `references/sources.lock.yaml`: which commit of which repository the rules speak of. */
export interface SourceLock {
  readonly repos: Readonly<Record<string, LockedRepo>>;
  /** Alias → path in the repository (or "pr:123:path") → what was found there. */
  readonly files: Readonly<Record<string, Readonly<Record<string, LockedFile>>>>;
  /** What releases have of it; missing where none was looked at. */
  readonly releases?: ReleaseLock;
}
interface LockedRepo {
  /** "https://github.com/sgl-project/sglang", no slash at the end. */
  readonly url: string;
  /** Full 40-digit commit. */
  readonly commit: string;
  /** Day of that commit; missing where no single commit was read. */
  readonly date?: string;
  readonly note?: string;
}
export interface LockedFile {
  /** Symbols that rules name and that were found in the file at the commit. */
  readonly symbols: readonly string[];
  readonly verified: boolean;
  /** Full commit the file was read at, where it is not the repository's. */
  readonly commit?: string;
  readonly note?: string;
}

type LockText = Pick<SourceLock, "repos"> & Partial<SourceLock>;

const commit = { type: "string", pattern: "^[0-9a-f]{40}$" };

const file = {
  type: "object",
  required: ["symbols", "verified"],
  additionalProperties: false,
  properties: {
    symbols: { type: "array", items: { type: "string", minLength: 1 } },
    verified: { type: "boolean" },
    commit,
    note: { type: "string" },
  },
};

/** JSON Schema of the lock file. */
const SOURCE_LOCK_SCHEMA = {
  type: "object",
  required: ["repos"],
  additionalProperties: false,
  properties: {
    repos: {
      type: "object",
      additionalProperties: {
        type: "object",
        required: ["url", "commit"],
        additionalProperties: false,
        properties: {
          url: { type: "string", pattern: "^https://[^\\s]+[^/\\s]$" },
          commit,
          note: { type: "string" },
          date: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
        },
      },
    },
    files: {
      type: "object",
      additionalProperties: { type: "object", additionalProperties: file },
    },
  },
};

/** Compiled when first needed: that takes longer than reading a lock. */
let validate: ValidateFunction<LockText> | null = null;

/** Null when it cannot be used, with the errors (source-lock) placed in the YAML. */
export interface ReadLock {
  readonly lock: SourceLock | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseSourceLock(text: string, path: string): ReadLock {
  const lines = new LineCounter();
  const read = readYaml(text, { lineCounter: lines });
  const remark = (message: string, start: number, end: number): Diagnostic => ({
    code: "source-lock",
    severity: "error",
    message,
    file: path,
    range: rangeAt(lines, start, end),
  });
  if (read.fault !== null)
    return { lock: null, diagnostics: [remark(`the text ${read.fault}`, 0, 0)] };
  const { document, value: lock } = read;
  if (document.errors.length > 0) {
    const diagnostics = document.errors.map(({ message, pos: [start, end] }) =>
      remark(message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, ""), start, end),
    );
    return { lock: null, diagnostics };
  }
  // The schema is ours and tested; checking it against its own schema takes longer than all else.
  validate ??= new Ajv({ allErrors: true, meta: false, validateSchema: false }).compile<LockText>(
    SOURCE_LOCK_SCHEMA,
  );
  if (validate(lock)) return { lock: { files: {}, ...lock }, diagnostics: [] };
  const diagnostics = validate.errors!.map((error) => {
    const [start, end] = placeIn(document, error);
    return remark(inWords(error), start, end);
  });
  return { lock: null, diagnostics };
}

function rangeAt(lines: LineCounter, start: number, end: number): SourceRange {
  const { line, col } = lines.linePos(start);
  return { start, end, line: Math.max(1, line), column: Math.max(1, col) };
}

/** Where in the YAML text a schema error belongs: the unknown key, else the value. */
function placeIn(document: Document, error: ErrorObject): [number, number] {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
  const stray: unknown = error.params.additionalProperty;
  const node = (path.length === 0 ? document.contents : document.getIn(path, true)) as Node | null;
  if (typeof stray === "string" && node !== null && "items" in node) {
    const pair = node.items.find((item) => isPair(item) && keyOf(item.key) === stray);
    if (isPair(pair)) return span(pair.key as Node);
  }
  return span(node);
}

const keyOf = (key: unknown): unknown => (isScalar(key) ? key.value : key);

const span = (node: Node | null | undefined): [number, number] =>
  node?.range ? [node.range[0], node.range[1]] : [0, 0];

function inWords({ instancePath, keyword, message, params }: ErrorObject): string {
  const where = instancePath === "" ? "the source lock" : instancePath.slice(1).replace(/~1/g, "/");
  if (keyword === "additionalProperties")
    return `${where} has no field \`${params.additionalProperty}\``;
  if (keyword === "required") return `${where} lacks \`${params.missingProperty}\``;
  if (keyword === "pattern" && instancePath.endsWith("/commit"))
    return `${where} must be a full commit of 40 hexadecimal digits`;
  if (keyword === "pattern" && instancePath.endsWith("/url"))
    return `${where} must be an https address without a slash at its end`;
  if (keyword === "type" && params.type === "object") return `${where} must be a mapping`;
  if (keyword === "type" && params.type === "string")
    return `${where} must be a text; quote it, YAML reads some commits as numbers`;
  return `${where} ${message}`;
}
