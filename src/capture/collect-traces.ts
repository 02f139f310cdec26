import { copyFile, link, mkdir, rename } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { FoundTrace } from "./wait-for-traces.ts";

/**
 * Brings whole traces from the directory a server writes to into a stage's own. Inside the run's
 * directory they are moved; elsewhere the server's files stay and are linked, or copied where the
 * file system cannot link.
 *
 * @returns the traces at their new places
 */
export async function collectTraces(
  traces: readonly FoundTrace[],
  stageDirectory: string,
  runDirectory: string,
): Promise<FoundTrace[]> {
  await mkdir(stageDirectory, { recursive: true });
  const collected: FoundTrace[] = [];
  for (const trace of traces) {
    const path = join(stageDirectory, basename(trace.path));
    if (path !== trace.path) await bring(trace.path, path, isInside(trace.path, runDirectory));
    collected.push({ ...trace, path });
  }
  return collected;
}

async function bring(from: string, to: string, move: boolean): Promise<void> {
  const cheap = move ? rename(from, to) : link(from, to);
  // Another owner, another file system, or a file of that name already there.
  await cheap.catch(() => copyFile(from, to));
}

function isInside(path: string, directory: string): boolean {
  return !relative(directory, path).startsWith("..");
}
