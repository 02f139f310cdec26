import { chmod, mkdir, mkdtemp, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { captureError } from "../capture-error.ts";

/**
 * Makes a directory that any user may write, because servers run as another one, and proves that
 * something can be made in it. SGLang and TokenSpeed end when they cannot save, so this comes first.
 *
 * @throws {TriageError} `capture/not-writable`
 */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    // Not ours to change when somebody else made it; then it is as writable as they chose.
    await chmod(directory, 0o777).catch(() => {});
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
