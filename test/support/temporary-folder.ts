import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder with these files (path below it → content), gone after the test. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), "fuse-triage-"));
  made.push(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

/** One folder for all tests of a file or group, there from its first hook on. */
export function temporaryFolderForAll(): () => string {
  let root = "";
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "fuse-triage-"));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => root;
}
