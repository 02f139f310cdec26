import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";

/** Bytes of the largest file that stands beside traces or rules; real ones have some kilobytes. */
const LARGEST_SIDE_FILE = 16 << 20;

/** Why a file is not what it should be: no regular file, too large, not to be read. */
export class UnfitFile extends Error {
  override readonly name = "UnfitFile";
  readonly path: string;
  /** "is a pipe", "is larger than 16 MiB": what may follow the file's name in a sentence. */
  readonly what: string;
  /** The system's own code where it refused, such as "ENOENT"; null where we did. */
  readonly code: string | null;

  constructor(path: string, what: string, cause?: unknown) {
    super(`${path} ${what}`, cause === undefined ? undefined : { cause });
    this.path = path;
    this.what = what;
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code ?? null;
  }
}

/**
 * Reads a file that somebody else wrote: a regular one (a device never ends, a pipe waits), never
 * more of it than fits, whatever it grows to meanwhile. Blocking: such files are small, and reading
 * them side by side takes several times as long.
 *
 * @param largest bytes
 * @throws {UnfitFile}
 */
function readSideFile(path: string, largest = LARGEST_SIDE_FILE): Buffer {
  let handle: number | null = null;
  try {
    // Before opening: to open is to act on some devices. And behind it: the name may have changed hands.
    assertRegular(path, statSync(path));
    handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(handle);
    assertRegular(path, stats);
    if (stats.size > largest) throw tooLarge(path, largest);
    return readUpTo(handle, path, stats.size, largest);
  } catch (error) {
    if (error instanceof UnfitFile) throw error;
    throw new UnfitFile(path, WORDS[codeOf(error)] ?? `cannot be read (${codeOf(error)})`, error);
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

/** The same as text. */
export function readSideText(path: string, largest = LARGEST_SIDE_FILE): string {
  return readSideFile(path, largest).toString("utf8");
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

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

function assertRegular(path: string, stats: Kinds): void {
  if (stats.isFile()) return;
  const kind = stats.isDirectory()
    ? "folder"
    : stats.isFIFO()
      ? "pipe"
      : stats.isSocket()
        ? "socket"
        : "device";
  throw new UnfitFile(path, `is a ${kind}, no regular file`);
}

function tooLarge(path: string, largest: number): UnfitFile {
  const size = largest >= 1 << 20 ? `${largest / (1 << 20)} MiB` : `${largest} bytes`;
  return new UnfitFile(path, `is larger than ${size}`);
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException | null)?.code ?? String(error);

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist: a part of its path is no folder",
  EACCES: "may not be read: permission denied",
  EPERM: "may not be read: permission denied",
  ELOOP: "is a link that leads to itself",
  ENAMETOOLONG: "has a name longer than the file system allows",
  EMFILE: "cannot be opened: too many files are open (see ulimit -n)",
  ENFILE: "cannot be opened: too many files are open on this machine",
  EIO: "cannot be read: the device fails",
};
