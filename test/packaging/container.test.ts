import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const TEXT = readFileSync("Dockerfile", "utf8");
const MANIFEST = JSON.parse(readFileSync("package.json", "utf8"));
/** An image is built only where a daemon answers and Node's image is there already. */
const hasDaemon =
  spawnSync("docker", ["image", "inspect", "node:22-bookworm-slim"], { timeout: 10_000 }).status ===
  0;
if (!hasDaemon)
  process.stderr.write("container: no Docker with Node's image here; building it is skipped\n");

test("the image runs a command of the package, and not as root", () => {
  const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(TEXT)![1]!);
  expect(Object.keys(MANIFEST.bin)).toContain(entry[0]);
  expect(TEXT).toMatch(/^USER node$/m);
});

test("the image is built by scripts there are, on a Node that is new enough", () => {
  for (const [, script = ""] of TEXT.matchAll(/npm run (?:--silent )?(\w+)/g))
    expect(Object.keys(MANIFEST.scripts)).toContain(script);
  for (const [, major] of TEXT.matchAll(/^FROM node:(\d+)/gm))
    expect(Number(major)).toBeGreaterThanOrEqual(Number(MANIFEST.engines.node.match(/\d+/)[0]));
  expect(readFileSync(".dockerignore", "utf8")).toContain("node_modules\n");
  expect(existsSync("package-lock.json")).toBe(true);
});

test.skipIf(!hasDaemon)("the image builds and reports", () => {
  const tag = ["--tag", "fuse-triage:test"];
  expect(spawnSync("docker", ["build", ...tag, "."], { stdio: "inherit" }).status).toBe(0);
  const run = ["run", "--rm", "--network", "none", "fuse-triage:test", "example", "tokenspeed"];
  const { status, stdout } = spawnSync("docker", run, { encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout).toContain("What to do first");
});
