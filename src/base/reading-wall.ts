import { realpathSync } from "node:fs";
import { sep } from "node:path";

/**
 * Folders outside which this process reads no file, or null for no limit: a server reads for who
 * asks it, with the rights of who started it. It is asked where files are opened, so that a link
 * inside the folders, or a path that a trace names, leads out no more than a path that is given.
 */
let within: readonly string[] | null = null;

/** @param folders real paths, or null to lift the limit */
export function wallIn(folders: readonly string[] | null): void {
  within = folders;
}

/** Whether the file that the path leads to may be read; one that is not there may be asked for. */
export function mayRead(path: string): boolean {
  if (within === null) return true;
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return true;
  }
  return liesIn(real, within);
}

/** Whether a real path is one of these folders or below one. */
export function liesIn(real: string, folders: readonly string[]): boolean {
  return folders.some(
    (folder) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep),
  );
}
