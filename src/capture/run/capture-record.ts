import { join } from "node:path";
import { parseJson } from "../../base/files/read-json.ts";
import { readSideText } from "../../base/files/side-file.ts";
import { writeJson } from "../../base/files/write-whole.ts";
import { isObject } from "../../base/is-object.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { FrameworkId, StageName } from "../../model/framework.ts";
import type { DirectorySnapshot } from "../traces/directory-snapshot.ts";
import type { StepCounts } from "../traces/step-counter.ts";
import { isRecord } from "./record-shape.ts";

export const CAPTURE_FILE = "capture.json";
const CAPTURE_SCHEMA_VERSION = 1;

/** What was captured and how; kept as `capture.json` at the root of a run. */
export interface CaptureRecord {
  readonly schemaVersion: typeof CAPTURE_SCHEMA_VERSION;
  status: "running" | "complete" | "failed";
  readonly framework: FrameworkId;
  readonly evidence: string;
  readonly url: string;
  readonly model: string | null;
  readonly version: string | null;
  /** The value of --env-trace, which changes how files are named. */
  readonly envTrace: string | null;
  readonly startedAt: string;
  finishedAt: string | null;
  readonly stages: StageRecord[];
  readonly notes: string[];
  failure: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

export interface StageRecord {
  readonly stage: StageName;
  /** `waiting` means recorded but not all on disk yet: the wait can be taken up again. */
  status: "recording" | "waiting" | "complete" | "failed";
  readonly controlUrl: string;
  /** Where this stage's traces end up, relative to the run's root. */
  readonly directory: string;
  /** Where the server writes, as seen here and as it sees it. */
  readonly traceDirectory: string;
  readonly serverDirectory: string;
  /** What to wait for. */
  readonly before: DirectorySnapshot;
  readonly expectedFiles: number | null;
  /** The server's clock at the start: older files of a shared directory belong to the stage before. */
  startedAtServer: number | null;
  readonly askedSteps: number | null;
  /** Steps found in the trace of the lowest rank; null where traces carry no step annotations. */
  steps: StepCounts | null;
  requests: RequestRecord[];
  stop: string | null;
  files: CapturedFile[];
  /** Files that never became whole; not part of the result. */
  incomplete: { readonly path: string; readonly size: number; readonly reason: string | null }[];
}

interface RequestRecord {
  readonly promptTokens: number | null;
  readonly outputTokens: number | null;
  readonly latencyMs: number;
}

interface CapturedFile {
  /** Relative to the run's root. */
  readonly path: string;
  readonly rank: number | null;
  readonly stage: StageName | null;
  readonly size: number;
  readonly steps: StepCounts | null;
}

export function newRecord(
  about: Pick<
    CaptureRecord,
    "framework" | "evidence" | "url" | "model" | "version" | "envTrace" | "startedAt"
  >,
): CaptureRecord {
  return {
    schemaVersion: CAPTURE_SCHEMA_VERSION,
    status: "running",
    ...about,
    finishedAt: null,
    stages: [],
    notes: [],
    failure: null,
  };
}

/** Replaces the record as a whole, so that a reader never sees half of it. */
export async function writeRecord(directory: string, record: CaptureRecord): Promise<string> {
  const path = join(directory, CAPTURE_FILE);
  await writeJson(path, record);
  return path;
}

/** @throws {TriageError} `capture/no-record` when the directory holds no record of ours. */
export async function readRecord(directory: string): Promise<CaptureRecord> {
  const path = join(directory, CAPTURE_FILE);
  let text: string;
  try {
    text = readSideText(path);
  } catch (cause) {
    throw noRecord(path, "cannot be read", cause);
  }
  try {
    const record: unknown = parseJson(text);
    if (isObject(record) && record.schemaVersion === CAPTURE_SCHEMA_VERSION && isRecord(record))
      return record as unknown as CaptureRecord;
  } catch (cause) {
    throw noRecord(path, "is not JSON", cause);
  }
  throw noRecord(path, "is not a record of this version, or was changed");
}

function noRecord(path: string, what: string, cause?: unknown): TriageError {
  return new TriageError({
    code: "capture/no-record",
    exit: EXIT.unreadable,
    message: `the capture record ${what}`,
    place: path,
    hint: "Give the --output-dir of an earlier capture.",
    cause,
  });
}
