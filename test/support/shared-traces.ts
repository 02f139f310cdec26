import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Real traces lie beside the project, never in it: tests over them are skipped where they are missing. */
export const SHARED_TRACES = "../shared/traces";
export const hasSharedTraces = existsSync(SHARED_TRACES);

/** Every trace file there, by path. */
export function sharedTraces(): string[] {
  if (!hasSharedTraces) return [];
  const names = readdirSync(SHARED_TRACES, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".json.gz"))
    .sort()
    .map((name) => join(SHARED_TRACES, name));
}
