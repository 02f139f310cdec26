/**
 * The script inside the single file. Puts the package that it carries into the user's cache, once
 * for each version, and runs it from there: worker threads, rules and schemas are files to it.
 *
 * A cache that another user could write to is passed over; then the package is unpacked for this
 * run alone.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { getAsset } from "node:sea";
import { gunzipSync } from "node:zlib";

/** Path in the package → content in base64. */
type Files = Readonly<Record<string, string>>;

const SAFE = 0o700;
const RUN = "run.cjs";

const root = cached() ?? forThisRun();
// Only what is required from a file may import files.
createRequire(join(root, RUN))(`./${RUN}`);

function cached(): string | null {
  const id = getAsset("id", "utf8");
  const folder = join(cacheFolder(), "fuse-triage");
  const target = join(folder, id);
  try {
    mkdirSync(folder, { recursive: true, mode: SAFE });
    if (!isOurs(folder)) return null;
    if (!existsSync(target)) {
      const fresh = join(folder, `.${id}.${randomBytes(6).toString("hex")}`);
      unpack(fresh);
      try {
        renameSync(fresh, target);
      } catch {
        // Another process was quicker.
        rmSync(fresh, { recursive: true, force: true });
      }
    }
    return isOurs(target) ? target : null;
  } catch {
    return null;
  }
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === "win32") return LOCALAPPDATA || join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return XDG_CACHE_HOME || join(homedir(), ".cache");
}

/** A real folder of this user's that nobody else may write to. */
function isOurs(folder: string): boolean {
  const info = lstatSync(folder);
  if (!info.isDirectory()) return false;
  if (process.getuid === undefined) return true;
  return info.uid === process.getuid() && (info.mode & 0o022) === 0;
}

function forThisRun(): string {
  const folder = mkdtempSync(join(tmpdir(), "fuse-triage-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  unpack(folder);
  return folder;
}

function unpack(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: SAFE });
  chmodSync(folder, SAFE);
  const files = JSON.parse(gunzipSync(Buffer.from(getAsset("package"))).toString("utf8")) as Files;
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, ...path.split("/"));
    mkdirSync(dirname(file), { recursive: true, mode: SAFE });
    writeFileSync(file, Buffer.from(content, "base64"));
  }
  writeFileSync(join(folder, RUN), 'import("./dist/cli/fuse-triage.js");\n');
}
