/**
 * Tests of the Python package (`npm run test:python`): built, installed into a fresh virtual
 * environment, and tried from there. Where Python or its packages are not to be had they are
 * skipped, and that is said; under CI it is a failure.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const OLDEST_MINOR = 9;
const root = mkdtempSync(join(tmpdir(), "fuse-triage-python-"));
process.exitCode = test();
rmSync(root, { recursive: true, force: true });

function test(): number {
  const system = pythonWithVenv();
  if (system === null)
    return skip(`there is no python3 of version 3.${OLDEST_MINOR} or later with venv`);
  const environment = join(root, "venv");
  const python = join(environment, "bin", "python");
  if (!run(system, ["-m", "venv", environment])) return skip("python3 -m venv failed");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  if (!run(python, [...install, "-r", "python/tests/requirements.txt"]))
    return skip("what the tests need could not be installed");
  const dist = join(root, "dist");
  mkdirSync(dist);
  if (!existsSync("dist/cli/triage.js")) run("npm", ["run", "--silent", "build"]);
  if (!run(python, ["-m", "hatchling", "build", "-d", dist])) return 1;
  // By its name, as users have it; from the folder just built and from nowhere else.
  if (!run(python, [...install, "--find-links", dist, "fuse-triage"]))
    return skip("fuse-triage and its Node could not be installed");
  const passed = run(python, ["-m", "pytest"], { FUSE_TRIAGE_DIST: dist });
  return passed ? 0 : 1;
}

function pythonWithVenv(): string | null {
  const check = `import sys, venv, ensurepip; sys.exit(sys.version_info < (3, ${OLDEST_MINOR}))`;
  const found = ["python3", "python", "/usr/bin/python3"].find(
    (name) => spawnSync(name, ["-c", check], { stdio: "ignore" }).status === 0,
  );
  return found ?? null;
}

function skip(why: string): number {
  process.stderr.write(`The tests of the Python package are skipped: ${why}.\n`);
  if (!isSet(process.env.CI)) return 0;
  process.stderr.write("Under CI they may not be skipped.\n");
  return 1;
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): boolean {
  // What the caller has for Python must not lead the tests to other packages.
  const { PYTHONPATH: _, PYTHONHOME: __, ...rest } = process.env;
  const options = { stdio: "inherit" as const, env: { ...rest, ...env } };
  return spawnSync(command, args, options).status === 0;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false";
}
