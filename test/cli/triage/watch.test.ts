import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { machineClock } from "../../../src/capture/net/clock.ts";
import { type WatchedTrace, watchFolder } from "../../../src/capture/watch-folder.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { triageHere } from "./run-in-process.ts";

const FOLDER = "examples/two-stream-overlap";
const NAME = readdirSync(FOLDER).find((name) => name.endsWith(".gz"))!;
const TRACE = readFileSync(join(FOLDER, NAME));

interface Watching {
  readonly seen: WatchedTrace[];
  readonly ended: Promise<void>;
  stop(): void;
}

function watching(folder: string, existing = false): Watching {
  const seen: WatchedTrace[] = [];
  const controller = new AbortController();
  const ended = (async () => {
    const watch = {
      ...{ folder, existing, pollMs: 20, idleMs: null },
      accept: (name: string) => /\.gz$/.test(name),
      clock: machineClock(),
      signal: controller.signal,
    };
    for await (const trace of watchFolder(watch)) seen.push(trace);
  })().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return { seen, ended, stop: () => controller.abort() };
}

async function until(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 500 && !condition(); look++) await wait(20);
  expect(condition()).toBe(true);
}

describe("a watched folder", () => {
  test("gives traces once they are whole, wherever below it they are written", async () => {
    const folder = temporaryFolder({ "old.json.gz": TRACE });
    const { seen, ended, stop } = watching(folder);
    await wait(100);
    mkdirSync(join(folder, "run/decode"), { recursive: true });
    const path = join(folder, "run/decode/TP-0.json.gz");
    writeFileSync(path, TRACE.subarray(0, 4000));
    await wait(200);
    expect(seen).toEqual([]);
    writeFileSync(path, TRACE);
    await until(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ relative: "run/decode/TP-0.json.gz", path });
    stop();
    await ended;
  });

  test("gives a trace again when it is rewritten, and one that is damaged for good once", async () => {
    const folder = temporaryFolder({ "a.json.gz": TRACE });
    const { seen, ended, stop } = watching(folder, true);
    await until(() => seen.length === 1);
    await wait(10);
    writeFileSync(join(folder, "a.json.gz"), TRACE);
    await until(() => seen.length === 2);
    const damaged = Buffer.from(TRACE);
    damaged.fill(0xff, 2000, 2064);
    writeFileSync(join(folder, "b.json.gz"), damaged);
    await until(() => seen.length === 3);
    expect(seen.map(({ verdict }) => verdict.state)).toEqual(["complete", "complete", "corrupt"]);
    await wait(100);
    expect(seen).toHaveLength(3);
    stop();
    await ended;
  });
});

describe("triage watch", () => {
  test("writes a report for each trace and ends after as many as asked", async () => {
    const folder = temporaryFolder({});
    mkdirSync(join(folder, "in/run"), { recursive: true });
    for (const name of ["TP-0.json.gz", "run/TP-1.json.gz"])
      copyFileSync(join(FOLDER, NAME), join(folder, "in", name));
    const out = join(folder, "out");
    const args = ["--existing", "--interval", "0.05", "--count", "2", "-f", "json", "-o", out];
    const ended = await triageHere("watch", join(folder, "in"), ...args);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(out)).toEqual(["TP-0.json.gz.report.json", "run_TP-1.json.gz.report.json"]);
    const report = JSON.parse(readFileSync(join(out, "TP-0.json.gz.report.json"), "utf8"));
    expect(report.traces[0].rank).toBe(0);
    expect(ended.out).toContain("run/TP-1.json.gz -> ");
  });

  test("goes on after a trace that cannot be used, and says so by its exit code", async () => {
    const folder = temporaryFolder({ "a.json": "{}", "b.json.gz": TRACE });
    const args = ["--existing", "--interval", "0.05", "--idle", "0.3"];
    const { code, out, err } = await triageHere("watch", folder, ...args);
    expect(err).toContain("a.json");
    expect(out).toContain("== b.json.gz\n");
    expect(out).toContain("Run ");
    expect(code).toBe(3);
  });

  test.each([
    [[], "usage/one-folder"],
    [["nowhere"], "trace/no-such-path"],
    [["package.json"], "usage/one-folder"],
    [[".", "--format", "html"], "usage/page-on-terminal"],
    [[".", "--interval", "0"], "usage/bad-value"],
  ])("%j says what is wrong", async (args, code) => {
    expect((await triageHere("watch", ...args)).err).toContain(`(${code})`);
  });
});
