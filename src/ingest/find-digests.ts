import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { STANDARD_INPUT } from "./files/stored.ts";
import { isDigest, mayBeTrace } from "./files/trace-names.ts";
import { walkFolder } from "./files/walk-folder.ts";

/**
 * Digests that a path means: the file itself, or those of a folder without traces, by path. A
 * folder that has traces means these: a digest may be older. Empty where there is none, and where
 * the path cannot be read, which {@link findTraces} tells.
 */
export async function findDigests(path: string): Promise<readonly string[]> {
  if (path === STANDARD_INPUT) return [];
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return isDigest(basename(path)) ? [path] : [];
  if (!stats?.isDirectory()) return [];
  const found = await walkFolder(path).catch(() => null);
  const names = (found?.files ?? []).map(({ relative }) => relative);
  const digests = names.filter(isDigest);
  if (digests.length === 0 || names.some((name) => mayBeTrace(basename(name)))) return [];
  return digests.map((name) => join(path, name));
}
