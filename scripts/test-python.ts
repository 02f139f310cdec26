/**
 * Tests of the Python package (`npm run test:python`): built, installed into a fresh virtual
 * environment, and tried from there. Where Python or its packages are not to be had they are
 * skipped, and that is said; in the project's workflows it is a failure.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const OLDEST_MINOR = 9;
const root = mkdtempSync(join(tmpdir(), "fuse-triage-python-"));
// One test runs it as another user.
chmodSync(root, 0o755);
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
  // A host without network: what was just built and its Node, in one folder.
  const wheels = join(root, "wheels");
  const download = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check"];
  if (!run(python, [...download, "--find-links", dist, "--dest", wheels, "fuse-triage"]))
    return skip("the Node of fuse-triage could not be fetched");
  const started = Date.now();
  const offline = ["--no-index", "--find-links", wheels];
  if (!run(python, [...install, ...offline, "fuse-triage"])) return 1;
  process.stderr.write(`pip install fuse-triage took ${(Date.now() - started) / 1000} s.\n`);
  const places = { FUSE_TRIAGE_DIST: dist, FUSE_TRIAGE_WHEELS: wheels };
  return run(python, ["-m", "pytest"], places) ? 0 : 1;
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
  if (!isSet(process.env.GITHUB_ACTIONS)) return 0;
  process.stderr.write("In the workflows they may not be skipped.\n");
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
