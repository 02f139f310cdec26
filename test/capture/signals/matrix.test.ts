import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { scratchFolder } from "../../support/doubles/capture-from.ts";
import { endedBy, endedWhen, INTERRUPTED, litterIn, recordIn } from "./ended-program.ts";

const SERVE = resolve("test/support/doubles/serve.ts");

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" ? address!.port : 0;
}

/** A configuration that launches one server, which writes its process id beside it. */
async function configured(script: string): Promise<{ folder: string; config: string }> {
  const folder = scratchFolder();
  const config = join(folder, "runs.yaml");
  const port = await freePort();
  const launch = ["sh", "-c", `echo $$ > ${folder}/pid; ${script}`];
  const runs = {
    models: [{ id: "tiny", model: "m" }],
    servers: { sglang: { port, launch } },
    stages: ["decode"],
    workload: { decodeOutput: 16, activeSteps: 2, warmupSteps: 2 },
  };
  writeFileSync(config, JSON.stringify(runs));
  return { folder, config };
}

const DOUBLE = `exec ${process.execPath} --import tsx ${SERVE} --framework sglang --port {port} --speed 20`;

function pidIn(folder: string): number | null {
  try {
    return Number(readFileSync(join(folder, "pid"), "utf8")) || null;
  } catch {
    return null;
  }
}

/** Whether anything of the server's process group is left. */
function runs(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

const outputOf = (folder: string) => join(folder, "tiny/sglang");

const loads = (folder: string) => pidIn(folder) !== null;
const LOADING = "while :; do sleep 0.1; done";

describe.concurrent("a matrix", () => {
  test.each([
    ["SIGINT", "its server loads", LOADING, loads],
    ["SIGTERM", "its server loads", LOADING, loads],
    ["SIGHUP", "its server loads", LOADING, loads],
    ["SIGQUIT", "its server loads", LOADING, loads],
    ["SIGTERM", "it records", DOUBLE, (folder: string) => recordIn(outputOf(folder)) !== null],
    [
      "SIGHUP",
      "it waits for files",
      DOUBLE,
      (folder: string) =>
        recordIn(outputOf(folder))?.stages.some(({ status }) => status === "waiting") ?? false,
    ],
  ] as const)("%s while %s: its server ends with it", async (signal, _, script, when) => {
    const { folder, config } = await configured(script);
    const ended = await endedWhen(["matrix", config], [signal], () => when(folder));
    expect(ended).toMatchObject({ came: true, code: INTERRUPTED });
    expect(ended.ms).toBeLessThan(8_000);
    await vi.waitFor(() => expect(runs(pidIn(folder)!)).toBe(false), 2_000);
    expect(litterIn(folder)).toEqual([]);
  });
});

test.concurrent("a server that will not end is ended by the second signal", async () => {
  const { folder, config } = await configured("trap '' TERM; while :; do sleep 0.1; done");
  const twice = ["SIGINT", "SIGINT"] as const;
  const ended = await endedWhen(["matrix", config], twice, () => pidIn(folder) !== null);
  expect(ended).toMatchObject({ came: true, code: INTERRUPTED });
  expect(ended.ms).toBeLessThan(3_000);
  await vi.waitFor(() => expect(runs(pidIn(folder)!)).toBe(false), 2_000);
});

test.concurrent("while it analyses, a signal ends it at once, and no server is left", async () => {
  const { folder, config } = await configured(DOUBLE);
  const rules = join(folder, "rules");
  mkdirSync(rules);
  for (let file = 0; file < 2; file++) {
    const classes = Array.from({ length: 15_000 }, (_, i) => `let a${i} = name "*k${i}_${file}*"`);
    writeFileSync(join(rules, `many${file}.fuse`), `fuse 1\n\n${classes.join("\n")}\n`);
  }
  const server = () => pidIn(folder);
  const isOver = () =>
    recordIn(outputOf(folder))?.status === "complete" && server() !== null && !runs(server()!);
  const ended = await endedWhen(["matrix", config, "--rules", rules], ["SIGTERM"], isOver, 200);
  expect(ended.came && endedBy("SIGTERM", ended)).toBe(true);
  expect(ended.ms).toBeLessThan(1_500);
  expect(litterIn(folder)).toEqual([]);
});
