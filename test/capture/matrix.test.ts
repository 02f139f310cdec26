import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DEFAULT_TIMEOUTS } from "../../src/capture/capture-options.ts";
import { type MatrixHooks, runMatrix } from "../../src/capture/matrix/index.ts";
import type { MatrixConfig } from "../../src/capture/matrix/matrix-config.ts";
import {
  double,
  launchedDouble,
  SPEED,
  scratchFolder,
  testClock,
} from "../support/doubles/capture-from.ts";

const WORKLOAD = { decodeOutput: 16, prefillInput: 64 };
const env = process.env;

async function run(config: Omit<MatrixConfig, "workload">, output: string, again = false) {
  const analysed: { formal: string; mapping: string | null }[] = [];
  const hooks: MatrixHooks = {
    clock: testClock(),
    recording: (work) => work(),
    analyse: async (traces, reportPath) => {
      analysed.push(traces);
      writeFileSync(reportPath, "report\n");
    },
  };
  const options = { output, again, apiKey: null, timeouts: DEFAULT_TIMEOUTS, env };
  const cells = await runMatrix({ ...config, workload: WORKLOAD }, options, hooks);
  return {
    cells: cells.map(({ framework, status, resumed, message }) => ({
      framework,
      status,
      resumed,
      message,
    })),
    analysed,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" ? address!.port : 0;
}

function launching(framework: string, ...more: string[]): string[] {
  const serve = join(import.meta.dirname, "../support/doubles/serve.ts");
  return [
    process.execPath,
    "--import",
    "tsx",
    serve,
    "--framework",
    framework,
    "--port",
    "{port}",
    "--speed",
    String(SPEED),
    ...more,
  ];
}

describe.concurrent("a matrix", () => {
  test("on running servers: a directory per model, a report per framework, resumed the next time", async () => {
    const output = scratchFolder();
    const sglang = await double({ framework: "sglang" });
    const { double: vllm, traceDir } = await launchedDouble({ framework: "vllm" });
    const config = {
      models: [
        {
          id: "tiny",
          model: "tiny-model",
          urls: { sglang: sglang.url, vllm: vllm.url },
          traceDirs: { vllm: traceDir },
        },
      ],
    };
    const first = await run(config, output);
    expect(first.cells).toEqual([
      { framework: "sglang", status: "done", resumed: false, message: null },
      { framework: "vllm", status: "done", resumed: false, message: null },
    ]);
    expect(first.analysed.map(({ formal, mapping }) => [formal, mapping])).toEqual([
      [join(output, "tiny/sglang"), null],
      [join(output, "tiny/vllm"), null],
    ]);
    expect(existsSync(join(output, "tiny/vllm/decode"))).toBe(true);
    const calls = sglang.calls.length;
    const second = await run(config, output);
    expect(second.cells.map(({ resumed }) => resumed)).toEqual([true, true]);
    expect(second.analysed).toEqual([]);
    expect(sglang.calls).toHaveLength(calls);
  });

  test("a cell that fails is kept with its reason, the others go on, and only it is done again", async () => {
    const output = scratchFolder();
    const [broken, good] = [
      await double({ framework: "sglang", faults: { noStartRoute: "json" } }),
      await double({ framework: "trtllm" }),
    ];
    const config = {
      models: [{ id: "tiny", model: "m", urls: { sglang: broken.url, trtllm: good.url } }],
      stages: ["decode"] as const,
    };
    const first = await run(config, output);
    expect(first.cells.map(({ status }) => status)).toEqual(["failed", "done"]);
    expect(first.cells[0]?.message).toContain("capture/not-supported");
    const state = JSON.parse(readFileSync(join(output, "tiny/matrix.json"), "utf8"));
    expect(state.cells.map(({ status }: { status: string }) => status)).toEqual(["failed", "done"]);
    broken.set({ noStartRoute: null });
    const second = await run(config, output);
    expect(second.cells.map(({ status, resumed }) => [status, resumed])).toEqual([
      ["done", false],
      ["done", true],
    ]);
  });

  test("on servers it launches, formal and mapping, and ends", async () => {
    const output = scratchFolder();
    const port = await freePort();
    const launch = launching("vllm", "--trace-dir", "{traces}");
    const config = {
      models: [{ id: "tiny", model: "m" }],
      servers: { vllm: { port, launch, mapping: { launch } } },
      stages: ["prefill"] as const,
    };
    const { cells, analysed } = await run(config, output);
    expect(cells).toEqual([{ framework: "vllm", status: "done", resumed: false, message: null }]);
    expect(analysed).toEqual([
      { formal: join(output, "tiny/vllm"), mapping: join(output, "tiny/vllm-mapping") },
    ]);
    expect(existsSync(join(output, "tiny/vllm-mapping/prefill"))).toBe(true);
    await expect(fetch(`http://127.0.0.1:${port}/v1/models`)).rejects.toThrow();
  });

  test("a server that does not come up: the end of its log", async () => {
    const output = scratchFolder();
    const port = await freePort();
    const config = {
      models: [{ id: "tiny", model: "m" }],
      servers: { sglang: { port, launch: launching("sglang", "--fail") } },
    };
    const { cells } = await run(config, output);
    expect(cells[0]).toMatchObject({ status: "failed" });
    expect(cells[0]?.message).toContain("exit code 3");
    expect(readFileSync(join(output, "tiny/sglang/server.log"), "utf8")).toContain(
      "CUDA out of memory",
    );
  });

  test("what a launched server prints is kept without its secrets", async () => {
    const output = scratchFolder();
    const keys = ["--api-key", "k-of-mine-1", "k-of-mine-2"];
    const setup = {
      port: await freePort(),
      launch: [
        "sh",
        "-c",
        'echo "args: $*; $HF_TOKEN"; echo "k-of-mine-2 refused" >&2',
        "sh",
        ...keys,
      ],
      env: { HF_TOKEN: "hf_of_mine" },
    };
    const { cells } = await run(
      { models: [{ id: "tiny", model: "m" }], servers: { sglang: setup } },
      output,
    );
    const log = readFileSync(join(output, "tiny/sglang/server.log"), "utf8");
    expect(log.split("\n").sort()).toEqual([
      "",
      "<redacted> refused",
      "args: --api-key <redacted>",
    ]);
    expect(`${cells[0]?.message}`).not.toMatch(/of.mine/);
  });

  test("a port that is taken is left alone; a command that does not exist is said", async () => {
    const server = await double({ framework: "sglang" });
    const port = Number(new URL(server.url).port);
    const taken = {
      models: [{ id: "tiny", model: "m" }],
      servers: { sglang: { port, launch: ["true"] } },
    };
    expect((await run(taken, scratchFolder())).cells[0]?.message).toContain("capture/busy");
    const absent = {
      ...taken,
      servers: { sglang: { port: await freePort(), launch: ["no-such-program-here"] } },
    };
    expect((await run(absent, scratchFolder())).cells[0]?.message).toContain(
      "could not be started",
    );
  });
});
