import { writeFileWhole } from "../base/write-whole.ts";

/** Writes JSON for people and programs, whole or not at all. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeFileWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}
