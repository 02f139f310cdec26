import { statSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { findDigests } from "../../ingest/find-digests.ts";
import type { FleetReport } from "../../model/contracts/fleet.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import { openDigest } from "../digest/open-digest.ts";
import { quoted } from "./duckdb.ts";

/** The digests of a folder as DuckDB's table `rows`. */
interface OpenedFleet {
  /** Statements that make the table. */
  readonly setup: readonly string[];
  readonly damaged: FleetReport["damaged"];
}

/**
 * Finds the whole digests of a folder. Rows of one without `--build` belong to the first folder
 * below the one asked about, which nightly runs write to.
 *
 * @throws {TriageError} fleet/no-digests where there is no whole one
 */
export async function openFleet(folder: string): Promise<OpenedFleet> {
  const damaged: { path: string; problem: string }[] = [];
  const whole: string[] = [];
  for (const path of await findDigests(folder)) {
    try {
      await openDigest(path).document();
      whole.push(path);
    } catch (error) {
      if (!(error instanceof TriageError)) throw error;
      damaged.push({ path, problem: error.message });
    }
  }
  if (whole.length === 0) throw noDigests(folder, damaged);
  const root = statSync(folder).isDirectory() ? folder : dirname(folder);
  const places = whole.map((path) => `(${quoted(path)}, ${quoted(folderOf(path, root))})`);
  return {
    damaged,
    setup: [
      `CREATE TABLE places AS SELECT * FROM (VALUES ${places.join(", ")}) AS one(path, folder)`,
      `CREATE VIEW rows AS SELECT read.* EXCLUDE (filename, build), read.filename AS file,
        coalesce(read.build, places.folder) AS build
        FROM read_parquet([${whole.map(quoted).join(", ")}], filename = true, union_by_name = true) AS read
        JOIN places ON places.path = read.filename`,
    ],
  };
}

function folderOf(path: string, root: string): string {
  const parts = relative(root, path).split(sep);
  return parts.length > 1 ? parts[0]! : ".";
}

function noDigests(folder: string, damaged: FleetReport["damaged"]): TriageError {
  return new TriageError({
    code: "fleet/no-digests",
    exit: EXIT.unreadable,
    message:
      damaged.length > 0
        ? `None of the ${damaged.length} digests in ${folder} is whole: ${damaged[0]!.problem}`
        : `No digests in ${folder}.`,
    place: folder,
    hint: "Make them: triage digest TRACE -o DIR/BUILD/. A folder that has traces beside them does not count.",
  });
}
