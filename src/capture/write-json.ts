import { rename, writeFile } from "node:fs/promises";

/** Writes JSON for people and programs, whole or not at all: who reads it never meets half a file. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(`${path}.tmp`, `${JSON.stringify(value, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
}
