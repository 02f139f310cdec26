import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { builtCommand } from "../support/built-cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const EXAMPLE = "examples/sglang-tp2-decode";
const RANKS = readdirSync(EXAMPLE).filter((name) => name.endsWith(".json.gz"));
const env = { ...process.env, TRIAGE: `${process.execPath} ${builtCommand("triage")}` };

/** A run of two whole ranks and a damaged one. */
function damagedRun(): { run: string; out: string; broken: string } {
  const run = temporaryFolder({});
  for (const name of RANKS) copyFileSync(join(EXAMPLE, name), join(run, name));
  const broken = join(run, "1775078603.4170518-TP-2-DECODE.trace.json");
  writeFileSync(broken, '{"traceEvents": [');
  return { run, out: join(temporaryFolder({}), "digests"), broken };
}

function shell(script: string, ...args: string[]) {
  const path = resolve("docs/arrays", script);
  const { status, stdout, stderr } = spawnSync("sh", [path, ...args], { env, encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

test("digests.sh makes every digest, names what failed, and makes none again", () => {
  const { run, out, broken } = damagedRun();
  const first = shell("digests.sh", run, out, "2");
  expect(first.status).toBe(3);
  expect(first.out.match(/^made /gm)).toHaveLength(2);
  expect(readFileSync(join(out, "failed.txt"), "utf8")).toBe(`${broken}\n`);
  rmSync(broken);
  rmSync(join(out, `${basename(RANKS[0]!)}.digest.parquet`));
  const again = shell("digests.sh", run, out, "2");
  expect(again.status).toBe(0);
  expect(again.out.match(/^made /gm)).toHaveLength(1);
  expect(again.out.match(/^kept /gm)).toHaveLength(1);
  expect(existsSync(join(out, "failed.txt"))).toBe(false);
});

test("tasks of an array share a list between them", () => {
  const { run, out, broken } = damagedRun();
  const list = join(run, "traces.txt");
  writeFileSync(list, `${[...RANKS.map((name) => join(run, name)), broken].join("\n")}\n`);
  const even = shell("one.sh", list, out, "0", "2");
  expect(even.status).toBe(3);
  expect(even.err).toContain(broken);
  expect(even.out.match(/^made /gm)).toHaveLength(1);
  expect(shell("one.sh", list, out, "1").status).toBe(0);
  expect(readdirSync(out)).toHaveLength(2);
});
