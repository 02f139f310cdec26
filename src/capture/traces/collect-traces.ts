import { mkdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { FoundTrace } from "../wait-for-traces.ts";
import { bringFile } from "./bring-file.ts";

/**
 * Brings whole traces from the directory a server writes to into a stage's own. Inside the run's
 * directory they are moved; elsewhere the server's files stay.
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
    const isOurs = !relative(runDirectory, trace.path).startsWith("..");
    if (path !== trace.path) await bringFile(trace.path, path, isOurs);
    collected.push({ ...trace, path });
  }
  return collected;
}
