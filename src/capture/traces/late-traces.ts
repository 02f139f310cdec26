import { join } from "node:path";
import type { StageRecord } from "../run/capture-record.ts";
import type { ServerDriver } from "../server-driver.ts";
import type { FoundTrace } from "../wait-for-traces.ts";
import { sameMark, snapshotDirectory } from "./directory-snapshot.ts";
import { judgeTrace } from "./judge-trace.ts";

/**
 * Whole traces of `stage` that appeared only while the next stage was recorded. Where stages share a
 * directory, the time in a file's name tells them apart; a file that is still growing is left.
 */
export async function findLateTraces(
  stage: StageRecord,
  next: StageRecord,
  driver: ServerDriver,
): Promise<FoundTrace[]> {
  if (driver.directoryFrom === "request" || next.startedAtServer === null) return [];
  const taken = new Set(stage.files.map(({ path }) => path.split("/").at(-1)));
  const late: FoundTrace[] = [];
  for (const [fileName, mark] of Object.entries(await snapshotDirectory(stage.traceDirectory))) {
    const name = driver.traceFile(fileName);
    const writtenAt = name?.writtenAt ?? null;
    if (name === null || writtenAt === null || taken.has(fileName)) continue;
    if (sameMark(mark, stage.before[fileName]) || writtenAt >= next.startedAtServer) continue;
    const path = join(stage.traceDirectory, fileName);
    const verdict = await judgeTrace(path);
    if (verdict.state === "complete") late.push({ path, name, size: mark.size, verdict });
  }
  return late;
}
