import { type LeftOut, walkTree } from "../../base/files/walk-tree.ts";

/** Runs nest a few folders (run, stage, time stamp, rank); deeper ones are other people's files. */
const DEEPEST = 8;

export interface FoundFile {
  readonly path: string;
  /** Path below the folder walked, with `/`. */
  readonly relative: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Every file below a folder of runs, by path, and what was not looked at; names starting with a dot are left out. */
export async function walkFolder(
  root: string,
): Promise<{ readonly files: FoundFile[]; readonly left: readonly LeftOut[] }> {
  const { files, left } = await walkTree(root, DEEPEST, (name) => !name.startsWith("."));
  return {
    files: files.map(({ path, relative, stats }) => ({
      path,
      relative,
      bytes: stats.size,
      modifiedMs: stats.mtimeMs,
    })),
    left,
  };
}
