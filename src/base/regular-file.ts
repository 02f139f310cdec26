import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readSync,
  statSync,
} from "node:fs";
import type { Readable } from "node:stream";
import { mayRead } from "./reading-wall.ts";

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

interface OpenFile {
  /** To be closed by whoever opened it. */
  readonly handle: number;
  /** Bytes, as told when it was opened. */
  readonly size: number;
}

/**
 * Opens a file that somebody else wrote, to read it: a regular one, for a device never ends and a
 * pipe waits. Every file but those of this package is opened here (test/architecture.test.ts).
 *
 * @param what "pipe too" where a pipe that the user named is read as well (opening waits for its
 *   other end); "seen" where a walk has just told that it is regular
 * @throws {UnfitFile}
 */
export function openRegular(path: string, what: "file" | "pipe too" | "seen" = "file"): OpenFile {
  return attempt(path, () => {
    // Before opening: to open is to act on some devices. And behind it: the name may have changed hands.
    const isPipe = what !== "seen" && assertRegular(path, statSync(path), what === "pipe too");
    if (!mayRead(path)) throw new UnfitFile(path, "lies outside the folders that may be read");
    const handle = openSync(path, constants.O_RDONLY | (isPipe ? 0 : (constants.O_NONBLOCK ?? 0)));
    try {
      const stats = fstatSync(handle);
      assertRegular(path, stats, isPipe);
      return { handle, size: stats.size };
    } catch (error) {
      closeSync(handle);
      throw error;
    }
  });
}

/**
 * The bytes of a regular file from its start, in chunks of about `chunk` bytes.
 *
 * @throws {UnfitFile} at once; later troubles are errors of the stream
 */
export function streamRegular(
  path: string,
  chunk: number,
): Readable & { readonly bytesRead: number } {
  return createReadStream(path, { fd: openRegular(path).handle, highWaterMark: chunk });
}

/** The first bytes of a regular file, fewer where it has no more. @throws {UnfitFile} */
export function firstBytes(path: string, count: number): Buffer {
  const { handle } = openRegular(path);
  try {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(
      0,
      attempt(path, () => readSync(handle, bytes, 0, count, 0)),
    );
  } finally {
    closeSync(handle);
  }
}

/** Runs what asks the system about a file; its refusals become sentences. */
export function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnfitFile) throw error;
    throw new UnfitFile(path, WORDS[codeOf(error)] ?? `cannot be read (${codeOf(error)})`, error);
  }
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

/** Whether it is one of the pipes that may be read. */
function assertRegular(path: string, stats: Kinds, pipes: boolean): boolean {
  if (stats.isFile()) return false;
  if (pipes && stats.isFIFO()) return true;
  const kind = stats.isDirectory()
    ? "folder"
    : stats.isFIFO()
      ? "pipe"
      : stats.isSocket()
        ? "socket"
        : "device";
  throw new UnfitFile(path, `is a ${kind}, no regular file`);
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
  ERR_INVALID_ARG_VALUE: "is no name of a file",
  EMFILE: "cannot be opened: too many files are open (see ulimit -n)",
  ENFILE: "cannot be opened: too many files are open on this machine",
  EIO: "cannot be read: the device fails",
};
