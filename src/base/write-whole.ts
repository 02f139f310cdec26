import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Writes a file as a whole or not at all: who reads it never meets half of it. */
export async function writeFileWhole(path: string, text: string): Promise<void> {
  await writeWhole(path, (place, flags) => writeAndSync(text, place, flags));
}

/**
 * Lets `write` fill a temporary file beside the target and renames it over the target, or removes
 * it when that fails; devices and pipes are written as they are.
 */
export async function writeWhole(
  path: string,
  write: (place: string, flags: "w" | "wx") => void | Promise<void>,
): Promise<void> {
  const target = realTarget(path);
  if (target.isSpecial) return write(target.path, "w");
  const temporary = join(dirname(target.path), `.${basename(target.path)}.${process.pid}.tmp`);
  try {
    await write(temporary, "wx");
    renameSync(temporary, target.path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Follows links, so that renaming replaces the file and not the link to it. */
function realTarget(path: string): { readonly path: string; readonly isSpecial: boolean } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { path, isSpecial: false };
  return { path: stats.isFile() ? realpathSync(path) : path, isSpecial: !stats.isFile() };
}

function writeAndSync(text: string, path: string, flags: "w" | "wx"): void {
  const file = openSync(path, flags);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    if (flags === "wx") fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes JSON for people and programs, whole or not at all. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeFileWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}
