import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { SHAPES } from "../cost/shapes.ts";
import { builtCommand } from "../support/built-cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TRIAGE = resolve(builtCommand("triage"));
/** A process namespace of its own, as containers have: what it runs is its first process. */
const FIRST = ["--pid", "--fork", "--kill-child"];
const CAN = spawnSync("unshare", [...FIRST, "true"]).status === 0;

/** Runs triage as a container would, until `signal` comes so many milliseconds after its start. */
async function ended(args: readonly string[], signal: NodeJS.Signals, afterMs: number) {
  const child = spawn("unshare", [...FIRST, process.execPath, TRIAGE, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let err = "";
  child.stderr.on("data", (text) => {
    err += text;
  });
  await new Promise((done) => setTimeout(done, afterMs));
  const pid = firstChild(child.pid!);
  const at = performance.now();
  process.kill(pid, signal);
  const code = await new Promise((done) => child.once("exit", done));
  return { code, err, ms: performance.now() - at };
}

function firstChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

// Namespaces need a kernel that grants them; most containers do not.
describe.skipIf(!CAN)("the first process of a container", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ] as const)("%s ends work without a pause within a second", async (signal, code) => {
    const folder = temporaryFolder({});
    const shape = SHAPES.names!;
    const args = shape.write(30_000, folder);
    const report = join(folder, "report.json");
    const all = [...args, "--format", "json", "--output", report];
    const told = await ended(all, signal, 1500);
    expect({ code: told.code, err: told.err }).toEqual({ code, err: "" });
    expect(told.ms).toBeLessThan(1000);
    expect(readdirSync(folder)).toEqual(["trace.json"]);
  });

  test("arguments, output and exit code are those of the program", () => {
    const run = (...args: string[]) =>
      spawnSync("unshare", [...FIRST, process.execPath, TRIAGE, ...args], { encoding: "utf8" });
    expect(run("--version").stdout).toMatch(/^fuse-triage \d/);
    const refused = run("no such trace");
    expect([refused.status, refused.stdout]).toEqual([3, ""]);
    expect(refused.stderr).toContain("no such trace does not exist.");
  });
});
