import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { withTemporary } from "./temporaries.ts";

/** Writes a file as a whole or not at all: who reads it never meets half of it. */
export async function writeFileWhole(path: string, text: string | Uint8Array): Promise<void> {
  await writeWhole(path, (place, flags) => writeAndSync(text, place, flags));
}

/**
 * Lets `write` fill a temporary file beside the target and renames it over the target, which keeps
 * its mode, or removes it when that fails; devices and pipes are written as they are.
 *
 * @throws {DanglingLink} where the target is a link to nowhere: whether the link or what it stands
 *   for is meant, only its owner knows
 */
export async function writeWhole(
  path: string,
  write: (place: string, flags: "w" | "wx") => void | Promise<void>,
): Promise<void> {
  const target = realTarget(path);
  if (target.isSpecial) return write(target.path, "w");
  await withTemporary(target.path, async (temporary) => {
    await write(temporary, "wx");
    if (target.mode !== null) chmodSync(temporary, target.mode);
    renameSync(temporary, target.path);
  });
}

/** A link whose target does not exist. */
export class DanglingLink extends Error {
  override readonly name = "DanglingLink";
}

interface Target {
  readonly path: string;
  readonly isSpecial: boolean;
  /** Permissions of the file that is replaced, null where there is none. */
  readonly mode: number | null;
}

/** Follows links, so that renaming replaces the file and not the link to it. */
function realTarget(path: string): Target {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new DanglingLink(`${path} is a link to a file that does not exist`);
    return { path, isSpecial: false, mode: null };
  }
  if (!stats.isFile()) return { path, isSpecial: true, mode: null };
  return { path: realpathSync(path), isSpecial: false, mode: stats.mode & 0o777 };
}

function writeAndSync(text: string | Uint8Array, path: string, flags: "w" | "wx"): void {
  const file = openSync(path, flags);
  try {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
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
