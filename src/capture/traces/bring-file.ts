import { copyFile, link, mkdir, readdir, rename } from "node:fs/promises";
import { join, relative } from "node:path";

/** Moves a file of ours; one of the server's is linked, or copied where the file system cannot link. */
export async function bringFile(from: string, to: string, isOurs: boolean): Promise<void> {
  const cheap = isOurs ? rename(from, to) : link(from, to);
  // Another owner, another file system, or a file of that name already there.
  await cheap.catch(() => copyFile(from, to));
}

/** Folders that engines fill while they capture graphs at start-up: launches that name replayed kernels. */
const GRAPH_FOLDERS = ["capture_traces", "graph_capture_profile"];

/**
 * Brings the traces of graph captures from where the server writes to the root of the run, where an
 * analysis of any stage finds them. Nothing happens when there are none, or when they are there.
 */
export async function bringGraphCaptures(
  traceDirectory: string,
  runDirectory: string,
): Promise<void> {
  if (relative(runDirectory, traceDirectory) === "") return;
  for (const folder of GRAPH_FOLDERS) {
    const entries = await readdir(join(traceDirectory, folder), { withFileTypes: true }).catch(
      () => [],
    );
    const files = entries.filter((entry) => entry.isFile());
    if (files.length === 0) continue;
    await mkdir(join(runDirectory, folder), { recursive: true });
    for (const { name } of files)
      await bringFile(join(traceDirectory, folder, name), join(runDirectory, folder, name), false);
  }
}
