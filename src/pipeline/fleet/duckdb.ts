import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { EXIT, TriageError } from "../../model/errors.ts";

/** As much of DuckDB's client as is used here. */
interface DuckdbModule {
  readonly DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{
        run(sql: string): Promise<unknown>;
        runAndReadAll(sql: string): Promise<{ getRowsJson(): unknown[][] }>;
        closeSync(): void;
      }>;
      closeSync(): void;
    }>;
  };
}

const PACKAGE = "@duckdb/node-api";

/** Nothing is fetched; sums in one order, so that the same digests give the same digits. */
const SETTINGS = [
  "SET threads = 1",
  "SET autoinstall_known_extensions = false",
  "SET autoload_known_extensions = false",
];

/**
 * Rows of each query after the statements of `setup`, in a database of their own in memory. DuckDB
 * is Node's module where it is installed, beside the program or where the user stands, else the
 * `duckdb` on the path (`pip install duckdb-cli`): 70 MB of binaries for each platform are nobody's
 * who reads one trace.
 *
 * @throws {TriageError} fleet/no-duckdb where there is neither
 * @throws {Error} what DuckDB says of a query
 */
export async function askDuckdb<Name extends string>(
  setup: readonly string[],
  queries: Readonly<Record<Name, string>>,
): Promise<Record<Name, Record<string, unknown>[]>> {
  const statements = [...SETTINGS, ...setup];
  const names = Object.keys(queries) as Name[];
  // DuckDB itself writes the rows, so that both ways give the same bytes.
  const wrapped = names.map((name) => `SELECT to_json(one) AS row FROM (${queries[name]}) AS one`);
  const module = await loadModule();
  const answers =
    module === null
      ? askProgram(statements, wrapped)
      : await askModule(module, statements, wrapped);
  return Object.fromEntries(
    names.map((name, at) => [name, answers[at]!.map((text) => JSON.parse(text))]),
  ) as Record<Name, Record<string, unknown>[]>;
}

async function askModule(
  { DuckDBInstance }: DuckdbModule,
  statements: readonly string[],
  queries: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
    const answers: string[][] = [];
    for (const query of queries) {
      const rows = (await connection.runAndReadAll(query)).getRowsJson();
      answers.push(rows.map(([text]) => String(text)));
    }
    return answers;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Between the answers of two queries; no row of JSON reads like it. */
const BETWEEN = "--";

function askProgram(
  statements: readonly string[],
  queries: readonly string[],
): readonly (readonly string[])[] {
  const input = [...statements, ...queries.map((query) => `${query};\nSELECT '${BETWEEN}'`)];
  const { error, status, stdout, stderr } = spawnSync(
    "duckdb",
    ["-noheader", "-list", "-bail", "-no-init", ":memory:"],
    { input: `${input.join(";\n")};\n`, encoding: "utf8", maxBuffer: 1 << 30 },
  );
  if (error !== undefined) throw noDuckdb();
  if (status !== 0) throw new Error(stderr.trim());
  const answers: string[][] = [[]];
  for (const line of stdout.split("\n"))
    if (line === BETWEEN) answers.push([]);
    else if (line !== "") answers.at(-1)!.push(line);
  return answers;
}

async function loadModule(): Promise<DuckdbModule | null> {
  for (const place of [import.meta.url, pathToFileURL(join(process.cwd(), "here.js")).href]) {
    try {
      const path = createRequire(place).resolve(PACKAGE);
      return (await import(pathToFileURL(path).href)) as DuckdbModule;
    } catch {
      // Not here, or not for this platform.
    }
  }
  return null;
}

function noDuckdb(): TriageError {
  return new TriageError({
    code: "fleet/no-duckdb",
    exit: EXIT.usage,
    message: "triage fleet needs DuckDB, which is not installed.",
    hint: `npm install ${PACKAGE} in this folder or beside fuse-triage, or pip install duckdb-cli.`,
  });
}

/** A text as SQL spells it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
