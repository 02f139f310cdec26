import { constants, mkdir, mkdtemp, open, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { captureError } from "../capture-error.ts";

/**
 * Makes a directory that any user may write, because servers run as another one, and proves that
 * something can be made in it. SGLang and TokenSpeed end when they cannot save, so this comes first.
 * What was there before stays as its owner made it.
 *
 * @throws {TriageError} `capture/not-writable`
 */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    const made = await mkdir(directory, { recursive: true });
    if (made !== undefined && process.platform !== "win32")
      await openNew(resolve(made), resolve(directory));
    await rmdir(await mkdtemp(join(directory, ".probe-")));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw captureError(
      "not-writable",
      `the output directory cannot be written: ${why}`,
      "Choose another --output-dir, or let this user and the server's user write it.",
      { place: directory, cause },
    );
  }
}

/** The mode of /tmp: everybody writes, and only owners remove or rename. */
const SHARED = 0o1777;
const PASSABLE = 0o755;
/** A folder of a group hands its group on to what is made in it. */
const SET_GROUP = 0o2000;

/** Opens the folders from `first` down to `last`, all just made: a umask may have closed them. */
async function openNew(first: string, last: string): Promise<void> {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder))
    await chmodItself(folder, folder === last ? SHARED : PASSABLE);
}

/** Never through a link that somebody has put in its place. */
async function chmodItself(folder: string, mode: number): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | NO_LINK);
  try {
    await handle.chmod(mode | ((await handle.stat()).mode & SET_GROUP));
  } finally {
    await handle.close();
  }
}

const NO_LINK = constants.O_DIRECTORY | constants.O_NOFOLLOW;
