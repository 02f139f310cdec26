import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** What tells one content of a file from another without reading it. */
export interface FileMark {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** The files of a directory by name; plain data, so that a record can keep it. */
export type DirectorySnapshot = Readonly<Record<string, FileMark>>;

/** The files directly in `directory`; empty when it does not exist (yet). */
export async function snapshotDirectory(directory: string): Promise<DirectorySnapshot> {
  const names = await readdir(directory).catch(() => []);
  const marks = await Promise.all(names.sort().map((name) => markOf(join(directory, name))));
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const mark = marks[index];
      return mark ? [[name, mark] as const] : [];
    }),
  );
}

async function markOf(path: string): Promise<FileMark | null> {
  const info = await stat(path).catch(() => null);
  return info?.isFile() ? { size: info.size, mtimeMs: info.mtimeMs, inode: info.ino } : null;
}

export function sameMark(a: FileMark | undefined, b: FileMark | undefined): boolean {
  return a?.size === b?.size && a?.mtimeMs === b?.mtimeMs && a?.inode === b?.inode;
}
