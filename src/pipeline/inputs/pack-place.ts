import { lstatSync, mkdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../../base/files/package-files.ts";
import { sha256 } from "../../base/sha256.ts";
import { type RulesAt, ruleFolders } from "../../model/rule-folders.ts";

/**
 * The folder whose packs are believed for these rules: the rules' own where they come with this
 * package, else one in the user's cache. A pack stands in for the texts unseen, so one that lies
 * beside rules from elsewhere is never read: its digests are whatever its writer chose. Null where
 * the cache is not the user's alone.
 */
export function packFolder(at: RulesAt, env = process.env): string | null {
  const real = realOf(at);
  if (real === null) return null;
  if (real === bundled()) return ruleFolders(at).base;
  const folder = join(cacheOf(env), "fuse-triage", sha256(real).slice(0, 32));
  return isOursAlone(folder) ? folder : null;
}

/** The same, made where it is missing. */
export function makePackFolder(at: RulesAt, env = process.env): string | null {
  const real = realOf(at);
  if (real !== null && real !== bundled())
    mkdirSync(join(cacheOf(env), "fuse-triage", sha256(real).slice(0, 32)), {
      recursive: true,
      mode: 0o700,
    });
  return packFolder(at, env);
}

const bundled = (): string | null => realOf(fileURLToPath(packageFile("rules")));

type Environment = Readonly<Record<string, string | undefined>>;

function cacheOf(env: Environment): string {
  const named = env.XDG_CACHE_HOME ?? env.LOCALAPPDATA ?? "";
  return named === "" ? join(homedir(), ".cache") : named;
}

/** A folder, no link to one, that belongs to who asks and that nobody else may write to. */
function isOursAlone(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return false;
  if (process.getuid === undefined) return true;
  return stats.uid === process.getuid() && (stats.mode & 0o022) === 0;
}

/** Of several folders, all of them: rules laid over others have a pack of their own. */
function realOf(at: RulesAt): string | null {
  const { base, over, off } = ruleFolders(at);
  try {
    return [...[base, ...over].map((path) => realpathSync(path)), ...off].join("\n");
  } catch {
    return null;
  }
}
