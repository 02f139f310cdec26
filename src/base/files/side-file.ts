import { closeSync, readSync } from "node:fs";
import { attempt, openRegular, UnfitFile } from "../regular-file.ts";

/** Bytes of the largest file that stands beside traces or rules; real ones have some kilobytes. */
const LARGEST_SIDE_FILE = 16 << 20;

/**
 * Reads a file that somebody else wrote: a regular one, never more of it than fits, whatever it
 * grows to meanwhile. Blocking: such files are small, and reading them side by side takes several
 * times as long.
 *
 * @param largest bytes
 * @param pipes whether it may be a pipe as well
 * @throws {UnfitFile}
 */
export function readSideFile(path: string, largest: number, pipes = false): Buffer {
  const { handle, size } = openRegular(path, pipes ? "pipe too" : "file");
  try {
    if (size > largest) throw tooLarge(path, largest);
    return attempt(path, () => readUpTo(handle, path, size, largest));
  } finally {
    closeSync(handle);
  }
}

/** The same as text. */
export function readSideText(path: string, largest = LARGEST_SIDE_FILE, pipes = false): string {
  return readSideFile(path, largest, pipes).toString("utf8");
}

/** The same, or null where there is no such file. */
export function readSideTextIfAny(path: string, largest = LARGEST_SIDE_FILE): string | null {
  try {
    return readSideText(path, largest);
  } catch (error) {
    if (error instanceof UnfitFile && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Files of the kernel tell a size of none: what comes counts, not what was told. */
function readUpTo(handle: number, path: string, size: number, largest: number): Buffer {
  let bytes = Buffer.allocUnsafe(Math.min(largest, Math.max(size, 4096)) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(handle, bytes, length, bytes.length - length, null);
    if (read === 0) return bytes.subarray(0, length);
    length += read;
    if (length > largest) throw tooLarge(path, largest);
    if (length < bytes.length) continue;
    const more = Buffer.allocUnsafe(Math.min(largest + 1, 2 * bytes.length));
    bytes.copy(more, 0, 0, length);
    bytes = more;
  }
}

function tooLarge(path: string, largest: number): UnfitFile {
  const size = largest >= 1 << 20 ? `${largest / (1 << 20)} MiB` : `${largest} bytes`;
  return new UnfitFile(path, `is larger than ${size}`);
}
