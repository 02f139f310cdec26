import { existsSync, lstatSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The name under which settings are looked for. */
const SETTINGS_NAME = "fuse-triage.yaml";

/**
 * The nearest file of settings from a folder upwards, so that each part of a monorepo may have its
 * own. It ends where the repository ends, and at the user's home: what lies above belongs to others.
 * Null where there is none.
 */
export function findSettings(from: string, home = homedir()): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, SETTINGS_NAME);
    if (isThere(file)) return file;
    const isEnd =
      existsSync(join(folder, ".git")) || folder === resolve(home) || dirname(folder) === folder;
    if (isEnd) return null;
  }
}

/** A link to nowhere is there: reading it tells. */
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;
