import { Ajv, type ErrorObject, type JSONSchemaType } from "ajv";
import { type Document, isMap, isNode, isScalar, LineCounter } from "yaml";
import { readYaml } from "../../base/files/read-yaml.ts";
import { nearestWord } from "../../base/nearest.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { FRAMEWORKS, type FrameworkId } from "../../model/framework.ts";

/** One command that serves a model. `{model} {id} {port} {tp} {traces} {stage}` are filled in. */
export interface LaunchSetup {
  readonly launch: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ServerSetup extends LaunchSetup {
  readonly port: number;
  /** Until /v1/models lists something; loading a large model takes minutes. */
  readonly readySeconds?: number;
  /** The value of TLLM_TORCH_PROFILE_TRACE given in `env`: trace by launch environment. */
  readonly envTrace?: string;
  /** One server per stage, for windows fixed at launch. */
  readonly perStage?: boolean;
  /** A second server that lends its Python sites, usually the same without graphs. */
  readonly mapping?: LaunchSetup;
}

type ByFramework<T> = Readonly<Partial<Record<FrameworkId, T>>>;

export interface MatrixModel {
  /** Names the model's directory. */
  readonly id: string;
  /** Path or hub name. */
  readonly model: string;
  readonly tp?: number;
  /** Which of `servers` to launch for it; all when left out. */
  readonly frameworks?: readonly FrameworkId[];
  /** Servers that already run it. */
  readonly urls?: ByFramework<string>;
  readonly mappingUrls?: ByFramework<string>;
  /** Where such a server writes when its directory is fixed at launch, as seen here. */
  readonly traceDirs?: ByFramework<string>;
  readonly mappingTraceDirs?: ByFramework<string>;
}

export interface MatrixConfig {
  readonly models: readonly MatrixModel[];
  readonly servers?: ByFramework<ServerSetup>;
  readonly stages?: readonly ("prefill" | "decode")[];
  readonly workload?: {
    readonly prefillInput?: number;
    readonly decodeOutput?: number;
    readonly warmupSteps?: number;
    readonly activeSteps?: number;
    readonly concurrency?: number;
  };
}

const text = { type: "string", minLength: 1 } as const;
const count = { type: "integer", minimum: 1 } as const;
const framework = { enum: [...FRAMEWORKS] } as const;
const launch = { type: "array", items: { type: "string" }, minItems: 1 } as const;
const env = { type: "object", additionalProperties: { type: "string" } } as const;
const byFramework = (value: object) => ({
  type: "object",
  additionalProperties: false,
  properties: Object.fromEntries(FRAMEWORKS.map((id) => [id, value])),
});
const strict = (properties: object, required: readonly string[]) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});

const SCHEMA = strict(
  {
    models: {
      type: "array",
      minItems: 1,
      items: strict(
        {
          id: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" },
          model: text,
          tp: count,
          frameworks: { type: "array", items: framework, minItems: 1, uniqueItems: true },
          urls: byFramework(text),
          mappingUrls: byFramework(text),
          traceDirs: byFramework(text),
          mappingTraceDirs: byFramework(text),
        },
        ["id", "model"],
      ),
    },
    servers: byFramework(
      strict(
        {
          launch,
          env,
          port: { type: "integer", minimum: 1, maximum: 65_535 },
          readySeconds: count,
          envTrace: text,
          perStage: { type: "boolean" },
          mapping: strict({ launch, env }, ["launch"]),
        },
        ["launch", "port"],
      ),
    ),
    stages: {
      type: "array",
      items: { enum: ["prefill", "decode"] },
      minItems: 1,
      uniqueItems: true,
    },
    workload: strict(
      {
        prefillInput: count,
        decodeOutput: count,
        warmupSteps: { type: "integer", minimum: 0 },
        activeSteps: count,
        concurrency: count,
      },
      [],
    ),
  },
  ["models"],
) as unknown as JSONSchemaType<MatrixConfig>;

/** Reads a matrix configuration; everything wrong with it comes back with its place. */
export function parseMatrixConfig(
  source: string,
  file: string,
): { readonly config: MatrixConfig | null; readonly diagnostics: readonly Diagnostic[] } {
  const lines = new LineCounter();
  const read = readYaml(source, { lineCounter: lines, prettyErrors: false });
  const remark = (message: string, [start, end]: readonly [number, number]): Diagnostic => {
    const { line, col: column } = lines.linePos(start);
    const code = "yaml/matrix";
    return { code, severity: "error", message, file, range: { start, end, line, column } };
  };
  if (read.fault !== null)
    return { config: null, diagnostics: [remark(`the text ${read.fault}`, [0, 0])] };
  const { document } = read;
  const diagnostics = document.errors.map(({ message, pos }) => remark(message, pos));
  if (diagnostics.length > 0) return { config: null, diagnostics };
  const config: unknown = read.value ?? {};
  const validate = new Ajv({ allErrors: true }).compile(SCHEMA);
  if (!validate(config))
    diagnostics.push(
      ...validate.errors!.map((error) => remark(inWords(error), placeOf(document, error))),
    );
  else
    diagnostics.push(
      ...contradictions(config).map(({ path, message }) =>
        remark(message, rangeAt(document, path)),
      ),
    );
  diagnostics.sort((a, b) => a.range.start - b.range.start);
  return { config: diagnostics.length === 0 ? (config as MatrixConfig) : null, diagnostics };
}

/** What a schema cannot say: ids are directories, and every wanted framework needs a server. */
function contradictions(config: MatrixConfig): { path: (string | number)[]; message: string }[] {
  const ids = config.models.map(({ id }) => id.toLowerCase());
  return config.models.flatMap((model, index) => {
    const found: { path: (string | number)[]; message: string }[] = [];
    if (ids.indexOf(model.id.toLowerCase()) !== index)
      found.push({
        path: ["models", index, "id"],
        message: `'${model.id}' is already the id of another model`,
      });
    for (const [at, id] of (model.frameworks ?? []).entries())
      if (config.servers?.[id] === undefined && model.urls?.[id] === undefined)
        found.push({
          path: ["models", index, "frameworks", at],
          message: `'${id}' has neither a server to launch nor a url`,
        });
    return found;
  });
}

function placeOf(document: Document, error: ErrorObject): readonly [number, number] {
  const path = error.instancePath.split("/").slice(1).map(decodePointer);
  const stray: unknown = error.params.additionalProperty;
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (typeof stray === "string" && isMap(node)) {
    const key = node.items.map((pair) => pair.key).find((it) => isScalar(it) && it.value === stray);
    if (isNode(key) && key.range) return [key.range[0], key.range[1]];
  }
  return rangeAt(document, path);
}

/** The value at `path`, or the nearest that has a place above it. */
function rangeAt(
  document: Document,
  path: readonly (string | number)[],
): readonly [number, number] {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return [node.range[0], node.range[1]];
  return path.length === 0 ? [0, 0] : rangeAt(document, path.slice(0, -1));
}

function decodePointer(part: string): string | number {
  const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(name) ? Number(name) : name;
}

function inWords({ keyword, params, message }: ErrorObject): string {
  const given = params as Readonly<Record<string, unknown>>;
  if (keyword === "additionalProperties") {
    const stray = String(given.additionalProperty);
    const near = nearestWord(stray, KNOWN_KEYS);
    return `'${stray}' is not known here${near === null ? "" : `; did you mean '${near}'?`}`;
  }
  if (keyword === "required") return `'${String(given.missingProperty)}' is missing`;
  if (keyword === "enum") return `must be one of ${(given.allowedValues as string[]).join(", ")}`;
  return message ?? keyword;
}

const KNOWN_KEYS = [
  ...["models", "servers", "stages", "workload", "id", "model", "tp", "frameworks", "urls"],
  ...[
    "mappingUrls",
    "traceDirs",
    "mappingTraceDirs",
    "launch",
    "env",
    "port",
    "readySeconds",
    "envTrace",
    "perStage",
    "mapping",
  ],
  ...["prefillInput", "decodeOutput", "warmupSteps", "activeSteps", "concurrency", ...FRAMEWORKS],
];
