import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Path of a built command, built now where the sources are newer. */
export function builtCommand(name: "triage" | "rules"): string {
  const path = `dist/cli/${name}.js`;
  const built = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" });
  const newest = Math.max(...sources.map((file) => statSync(join("src", file)).mtimeMs));
  if (built < newest) execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  return path;
}

export interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end; colours and widths do not depend on who runs the tests. */
export function runCommand(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Ending {
  const { NO_COLOR: _, FORCE_COLOR: __, COLUMNS: ___, CI: ____, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
    env: { ...rest, ...env },
  });
  return { code: status, out: stdout, err: stderr };
}
