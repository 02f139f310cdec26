import { type Dirent, promises as fs } from "node:fs";
import { join } from "node:path";
import { compareText } from "../../base/compare-text.ts";

/** Runs nest a few folders (run, stage, time stamp, rank); deeper ones are other people's files. */
const DEEPEST = 8;

export interface FoundFile {
  readonly path: string;
  /** Path below the folder walked, with `/`. */
  readonly relative: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * Every file below a folder, by path in code-unit order. Links are followed, each folder is
 * entered once, names starting with a dot are left out, and what may not be read is passed over:
 * only the folder itself must be readable.
 */
export async function walkFolder(root: string): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  const entered = new Set<string>();
  const enter = async (folder: string, relative: string, depth: number): Promise<void> => {
    const real = await fs.realpath(folder);
    if (entered.has(real)) return;
    entered.add(real);
    for (const entry of await entriesOf(folder, depth)) {
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      const below = relative === "" ? entry.name : `${relative}/${entry.name}`;
      const stats = await fs.stat(path).catch(() => null);
      if (stats?.isDirectory() && depth < DEEPEST) await enter(path, below, depth + 1);
      if (stats?.isFile()) {
        files.push({ path, relative: below, bytes: stats.size, modifiedMs: stats.mtimeMs });
      }
    }
  };
  await enter(root, "", 0);
  return files.sort((a, b) => compareText(a.relative, b.relative));
}

async function entriesOf(folder: string, depth: number): Promise<Dirent[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => compareText(a.name, b.name));
  } catch (error) {
    if (depth === 0) throw error;
    return [];
  }
}
