import { readSideFile } from "../../base/files/side-file.ts";
import { SCHEMA_VERSION } from "../../model/contracts/report.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import { DIGEST_VERSION, type Digest, type DigestHead, type MeasuredFile } from "./digest.ts";
import { MeasureReader } from "./measure-rows.ts";
import { type OpenedParquet, openParquet } from "./parquet-file.ts";

/** Bytes; a digest of a gigabyte of trace has some hundred kilobytes. */
const LARGEST = 256 << 20;

/** A digest of which the footer is read. */
interface OpenedDigest {
  readonly head: DigestHead;
  readonly bytes: number;
  /** What reports are made of. */
  document(): Promise<Omit<Digest, "head" | "measures">>;
  /** What ranks are compared by, of every file. */
  measures(): Promise<readonly MeasuredFile[]>;
}

/** @throws {TriageError} for a file that is no whole digest of this version (exit 3) */
export function openDigest(path: string): OpenedDigest {
  const bytes = guarded(path, () => readSideFile(path, LARGEST));
  const file = guarded(path, () => openParquet(bytes));
  const head = file.head as DigestHead | null;
  if (head === null || typeof head !== "object")
    throw broken(path, "digest/none", "It is a Parquet file, but no digest of a trace.");
  if (head.version !== DIGEST_VERSION)
    throw broken(
      path,
      "digest/version",
      `Version ${String(head.version)} of the digest, ${DIGEST_VERSION} expected.`,
    );
  if (head.report !== SCHEMA_VERSION)
    throw broken(
      path,
      "digest/version",
      `It holds version ${String(head.report)} of the report, ${SCHEMA_VERSION} expected.`,
    );
  const document = () => guardedAsync(path, () => documentOf(file));
  return {
    head,
    bytes: bytes.byteLength,
    async document() {
      const { draft, facts, nearMisses } = await document();
      return { draft, facts, nearMisses };
    },
    measures: () => guardedAsync(path, async () => measuresOf(file, head, await document())),
  };
}

interface StoredDocument extends Omit<Digest, "head" | "measures"> {
  readonly measures: readonly {
    readonly head: Parameters<MeasureReader["read"]>[0] | null;
    readonly error: (MeasuredFile & { readonly measure: null })["error"] | null;
  }[];
}

async function documentOf(file: OpenedParquet): Promise<StoredDocument> {
  const [json] = Array.from(await file.column("json", file.rows - 1, file.rows));
  return JSON.parse(json as string) as StoredDocument;
}

const MEASURED = [
  ...["step", "duration_ns", "end_ns", "gpu_ns", "busy_ns", "idle_ns"],
  ...["exposed_comm_ns", "experts_ns", "key"],
] as const;

async function measuresOf(
  file: OpenedParquet,
  { measured: { from, count } }: DigestHead,
  { measures }: StoredDocument,
): Promise<readonly MeasuredFile[]> {
  const columns = new Map<string, ArrayLike<unknown>>();
  for (const name of MEASURED)
    columns.set(name, await file.column(name as "step", from, from + count));
  const reader = new MeasureReader((name) => columns.get(name)!);
  return measures.map(
    ({ head, error }): MeasuredFile =>
      head === null
        ? { measure: null, error: error! }
        : { measure: reader.read(head), error: null },
  );
}

function guarded<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw damaged(path, error);
  }
}

async function guardedAsync<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, error: unknown): unknown {
  if (error instanceof TriageError) return error;
  return broken(
    path,
    "digest/damaged",
    `The digest is not whole: ${(error as Error).message.replace(/\.$/, "")}.`,
  );
}

function broken(path: string, code: string, message: string): TriageError {
  return new TriageError({
    code,
    exit: EXIT.unreadable,
    message,
    place: path,
    hint: "Make it again with this version: triage digest TRACE -o FILE.",
  });
}
