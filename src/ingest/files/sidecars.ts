import { promises as fs } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseJson } from "../../base/files/read-json.ts";
import { readSideText } from "../../base/files/side-file.ts";
import { isObject } from "../../base/is-object.ts";
import type { TraceSelection } from "../../model/trace/trace-selection.ts";

type ServerArgs = NonNullable<TraceSelection["serverArgs"]>;

/** Folders above a trace that a run may have left its files in. */
const PARENTS = 3;

/**
 * Looks for a run's `server_args.json`: beside its traces, in the folders above them, in the folder
 * the user named and one level below it. The first readable one wins.
 *
 * @param folders of the chosen traces, most telling first.
 * @param root folder the user named, or the folder of the file the user named.
 */
export async function findServerArgs(
  folders: readonly string[],
  root: string,
): Promise<ServerArgs | null> {
  const places = [...folders.flatMap(withParents), root, ...(await foldersIn(root))];
  for (const folder of new Set(places)) {
    const path = join(folder, "server_args.json");
    const value = readJson(path);
    if (isObject(value)) return { path, value };
  }
  return null;
}

/** Parsed `execution_details.json` of the first folder that has one, null otherwise. */
export async function findExecutionDetails(folders: readonly string[]): Promise<unknown> {
  for (const folder of new Set(folders)) {
    const value = readJson(join(folder, "execution_details.json"));
    if (value !== null) return value;
  }
  return null;
}

function withParents(folder: string): string[] {
  const found = [folder];
  let here = resolve(folder);
  for (let up = 0; up < PARENTS; up++) {
    const parent = dirname(here);
    if (parent === here) break;
    found.push(parent);
    here = parent;
  }
  return found;
}

async function foldersIn(root: string): Promise<string[]> {
  const entries = await fs.readdir(root, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return folders.sort().map((name) => join(root, name));
}

/** Null for what is no regular file of a few megabytes: it is somebody else's. */
function readJson(path: string): unknown {
  try {
    return parseJson(readSideText(path));
  } catch {
    return null;
  }
}
