import { dirname, relative, resolve } from "node:path";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { type Document, isMap, isNode, isScalar, LineCounter } from "yaml";
import { packageText } from "../../../base/files/package-files.ts";
import { readYaml } from "../../../base/files/read-yaml.ts";
import { readSideText } from "../../../base/files/side-file.ts";
import { nearestWord } from "../../../base/nearest.ts";
import { UnfitFile } from "../../../base/regular-file.ts";
import { EXIT, TriageError } from "../../../model/errors.ts";

/** What a file of settings says, with its paths as seen from the working folder. */
export interface Settings {
  readonly path: string;
  readonly rules: {
    readonly over: readonly string[];
    readonly only: readonly string[];
    readonly off: readonly string[];
  };
  readonly policy: string | null;
  readonly machines: string | null;
  /** Null where the file says nothing. */
  readonly cuts: {
    readonly minShare: number | null;
    readonly kernels: number | null;
    readonly overlap: number | null;
    readonly fuse: number | null;
  };
}

/** As `references/settings.schema.json` has it. */
interface Written {
  readonly rules?: readonly string[] | Partial<Settings["rules"]>;
  readonly policy?: string;
  readonly machines?: string;
  readonly cuts?: Partial<Settings["cuts"]>;
}

/** Bytes; a file of settings has a hundredth. */
const LARGEST = 1 << 18;

/**
 * Reads a file of settings.
 *
 * @throws {TriageError} `settings/unreadable`, `settings/invalid` with all that is wrong and its places
 */
export function readSettings(path: string): Settings {
  const written = validated(textOf(path), path);
  const rules = Array.isArray(written.rules)
    ? { over: written.rules as readonly string[] }
    : ((written.rules ?? {}) as Partial<Settings["rules"]>);
  const here = (name: string): string => nearer(resolve(dirname(path), name));
  const { minShare = null, kernels = null, overlap = null, fuse = null } = written.cuts ?? {};
  return {
    path,
    rules: {
      over: (rules.over ?? []).map(here),
      only: (rules.only ?? []).map(here),
      off: rules.off ?? [],
    },
    policy: written.policy === undefined ? null : here(written.policy),
    machines: written.machines === undefined ? null : here(written.machines),
    cuts: { minShare, kernels, overlap, fuse },
  };
}

/** Relative where that does not lead upwards: equal reports on every machine. */
function nearer(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith("..") ? path : near;
}

function textOf(path: string): string {
  try {
    return readSideText(path, LARGEST);
  } catch (error) {
    if (!(error instanceof UnfitFile)) throw error;
    throw new TriageError({
      code: "settings/unreadable",
      exit: EXIT.usage,
      message: `The settings ${path} cannot be used: it ${error.what}.`,
      place: path,
      hint: "Correct the file, name another with --config, or go without with --no-config.",
      cause: error,
    });
  }
}

function validated(text: string, path: string): Written {
  const lines = new LineCounter();
  const read = readYaml(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (read.fault !== null) throw invalid([`the text ${read.fault}`], `${path}:1:1`);
  const { document, value } = read;
  const [syntax] = document.errors;
  if (syntax !== undefined) throw invalid([syntax.message], `${path}:${at(syntax.pos[0])}`);
  // An empty file is a file of settings that says nothing; it ends the search upwards.
  const errors = value === null || value === undefined ? [] : schemaErrors(value);
  const faults = errors
    .map((error) => ({ start: startOf(document, error), words: inWords(error) }))
    .sort((a, b) => a.start - b.start);
  if (faults.length === 0) return (value ?? {}) as Written;
  const told = faults.map(({ start, words }, index) =>
    index === 0 ? words : `${at(start)} ${words}`,
  );
  throw invalid([...new Set(told)], `${path}:${at(faults[0]!.start)}`);
}

const invalid = (faults: readonly string[], place: string): TriageError =>
  new TriageError({
    code: "settings/invalid",
    exit: EXIT.usage,
    message: `The settings cannot be used: ${faults.join("; ")}.`,
    place,
    hint: "references/settings.schema.json says what may stand there; --no-config goes without.",
  });

let compiled: ValidateFunction | null = null;

function schemaErrors(value: unknown): readonly ErrorObject[] {
  compiled ??= new Ajv2020({ allErrors: true, meta: false, validateSchema: false }).compile(
    JSON.parse(packageText("references/settings.schema.json")),
  );
  if (compiled(value)) return [];
  const all = compiled.errors ?? [];
  // Of alternatives, what is wrong with the one that was meant: a list or a mapping.
  const isList = Array.isArray((value as { rules?: unknown }).rules);
  const isOther = ({ schemaPath }: ErrorObject): boolean =>
    schemaPath.startsWith(`#/properties/rules/anyOf/${isList ? 1 : 0}`) ||
    (!isList && schemaPath.startsWith("#/$defs/paths/type") && all.length > 2);
  const meant = all.filter((error) => error.keyword !== "anyOf" && !isOther(error));
  return meant.length > 0 ? meant : all;
}

function startOf(document: Document, { instancePath, params }: ErrorObject): number {
  const path = instancePath.split("/").slice(1).map(decodePointer);
  const stray: unknown = params.additionalProperty;
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (typeof stray === "string" && isMap(node)) {
    const key = node.items.map((pair) => pair.key).find((it) => isScalar(it) && it.value === stray);
    if (isNode(key) && key.range) return key.range[0];
  }
  return isNode(node) && node.range ? node.range[0] : 0;
}

function decodePointer(part: string): string | number {
  const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(name) ? Number(name) : name;
}

const KNOWN = {
  "": ["rules", "policy", "machines", "cuts"],
  "/rules": ["over", "only", "off"],
  "/cuts": ["minShare", "kernels", "overlap", "fuse"],
} as const;

function inWords({ keyword, params, message, instancePath }: ErrorObject): string {
  const where = instancePath.slice(1).replaceAll("/", ".");
  if (keyword !== "additionalProperties") return `${where || "the file"} ${message ?? keyword}`;
  const stray = String(params.additionalProperty);
  const known: readonly string[] = KNOWN[instancePath as keyof typeof KNOWN] ?? [];
  const near = nearestWord(stray, known);
  const meant = near === null ? `known are ${known.join(", ")}` : `did you mean '${near}'?`;
  return `'${stray}' is no setting${where === "" ? "" : ` of ${where}`}; ${meant}`;
}
