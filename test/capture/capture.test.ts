import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  type Captured,
  captureFrom,
  double,
  launchedDouble,
  scratchFolder,
} from "../support/doubles/capture-from.ts";
import type { Release } from "../support/doubles/host.ts";

const STAGES = ["prefill", "decode"];

/** What every good capture has: both stages, whole, in directories of their own, nothing left on. */
function expectGood(
  { error, result, record, double: server, output }: Captured,
  ranks: number,
): void {
  expect(error).toBeNull();
  expect(server.running()).toBe(false);
  expect(record?.status).toBe("complete");
  expect(result?.shortfalls).toEqual([]);
  expect(record?.stages.map(({ stage, files }) => [stage, files.length])).toEqual(
    STAGES.map((stage) => [stage, ranks]),
  );
  for (const stage of STAGES) {
    const names = readdirSync(join(output, stage));
    expect(names.sort()).toEqual(
      tracesOf(record, stage)
        .map((path) => basename(path))
        .sort(),
    );
  }
  expect(result?.traces.every((path) => existsSync(path))).toBe(true);
  expect(server.calls.map(({ path }) => path)).not.toContain("/health");
}

function tracesOf(record: Captured["record"], stage: string): string[] {
  return record!.stages.find((one) => one.stage === stage)!.files.map(({ path }) => path);
}

function stepsOf({ record }: Captured): unknown[] {
  return record!.stages.map(({ steps }) => steps);
}

describe.concurrent("each framework, from recognition to whole traces", () => {
  test.each(["0.5.23", "0.4.9"] as const)(
    "SGLang %s: exactly the steps asked for",
    async (release) => {
      const captured = await captureFrom(await double({ framework: "sglang", release, ranks: 2 }));
      expectGood(captured, 2);
      expect(stepsOf(captured)).toEqual([
        { prefill: 5, decode: 0, mixed: 0 },
        { prefill: 1, decode: 5, mixed: 0 },
      ]);
      expect(captured.result?.framework).toBe("sglang");
    },
  );

  test.each(["0.26.0", "0.8.5"] as const)(
    "vLLM %s: bounded without any bound in the request",
    async (release) => {
      const { double: server, traceDir } = await launchedDouble({
        framework: "vllm",
        release,
        ranks: 2,
      });
      const captured = await captureFrom(server, { traceDir });
      expectGood(captured, 2);
      expect(stepsOf(captured)).toEqual([
        { prefill: 5, decode: 0, mixed: 0 },
        { prefill: 1, decode: 5, mixed: 0 },
      ]);
      expect(captured.record!.stages.map(({ files }) => files.map(({ rank }) => rank))).toEqual([
        [0, 1],
        [0, 1],
      ]);
      // The front end's trace stays where it is; the server's own files are not taken away.
      expect(readdirSync(traceDir).filter((name) => name.includes("async_llm"))).toHaveLength(2);
      expect(readdirSync(traceDir)).toHaveLength(6);
    },
  );

  test("vLLM workers of disaggregated serving: each its own address and directory", async () => {
    const [prefill, decode] = [
      await launchedDouble({ framework: "vllm" }),
      await launchedDouble({ framework: "vllm" }),
    ];
    mkdirSync(join(decode.traceDir, "capture_traces"));
    writeFileSync(join(decode.traceDir, "capture_traces/bs_1_rank0.json.gz"), "graph");
    const router = await double({ framework: "vllm", workers: [prefill.double, decode.double] });
    const captured = await captureFrom(router, {
      prefillUrl: prefill.double.url,
      decodeUrl: decode.double.url,
      prefillTraceDir: prefill.traceDir,
      decodeTraceDir: decode.traceDir,
    });
    expectGood(captured, 1);
    expect(stepsOf(captured)).toEqual([
      { prefill: 5, decode: 0, mixed: 0 },
      { prefill: 1, decode: 5, mixed: 0 },
    ]);
    // Traces of graph captures stand above both stages, where their analysis looks for them.
    expect(readdirSync(join(captured.output, "capture_traces"))).toEqual(["bs_1_rank0.json.gz"]);
  });

  test("vLLM writing into the run's own directory: traces are moved to their stage", async () => {
    const output = scratchFolder();
    const server = await double({ framework: "vllm", launchPath: output });
    const captured = await captureFrom(server, { output });
    expectGood(captured, 1);
    const left = readdirSync(output).filter((name) => name.includes("pt.trace"));
    expect(left.every((name) => name.includes("async_llm"))).toBe(true);
  });

  test("TensorRT-LLM with profile routes: the prefill step before decoding is skipped", async () => {
    const captured = await captureFrom(
      await double({ framework: "trtllm", release: "profile routes", ranks: 2 }),
    );
    expectGood(captured, 2);
    expect(stepsOf(captured)).toEqual([
      { prefill: 5, decode: 0, mixed: 0 },
      { prefill: 0, decode: 5, mixed: 0 },
    ]);
  });

  test("TokenSpeed: gateway for load and profile, control server for the arguments", async () => {
    const captured = await captureFrom(await double({ framework: "tokenspeed", ranks: 2 }));
    expectGood(captured, 2);
    expect(captured.record?.model).toBe("/models/tiny-model");
    // Its traces have no step annotations: the number of steps is not known, and not guessed.
    expect(stepsOf(captured)).toEqual([null, null]);
    const forwards = captured.result!.traces.map(
      (path) =>
        gunzipSync(readFileSync(path))
          .toString()
          .match(/: execute_forward_op"/g)?.length,
    );
    expect(forwards).toEqual([5, 5, 6, 6]);
  });

  test("the legacy workload records one request whole", async () => {
    const server = await double({ framework: "sglang" });
    const { record, error } = await captureFrom(server, { workload: { kind: "legacy" } });
    expect(error).toBeNull();
    expect(record?.stages.map(({ stage, steps }) => [stage, steps])).toEqual([
      ["all", { prefill: 1, decode: 4, mixed: 0 }],
    ]);
  });

  test("by stage, SGLang saves a file per stage from one session", async () => {
    const server = await double({ framework: "sglang" });
    const { record, error } = await captureFrom(server, {
      workload: { kind: "legacy" },
      profileByStage: true,
    });
    expect(error).toBeNull();
    expect(record?.stages[0]?.files.map(({ stage, steps }) => [stage, steps])).toEqual([
      ["decode", { prefill: 0, decode: 5, mixed: 0 }],
      ["prefill", { prefill: 1, decode: 0, mixed: 0 }],
    ]);
  });
});

describe.concurrent("SGLang with SGLANG_PROFILE_V2=1", () => {
  const asked = { sglangProfileV2: true } as const;

  test("each stage is a session by stage that ends by itself", async () => {
    const server = await double({ framework: "sglang", release: "0.5.23 SGLANG_PROFILE_V2" });
    const { record, error } = await captureFrom(server, asked);
    expect(error).toBeNull();
    expect(record?.stages.map(({ steps }) => steps)).toEqual([
      { prefill: 5, decode: 0, mixed: 0 },
      { prefill: 0, decode: 5, mixed: 0 },
    ]);
    expect(server.calls.some(({ path }) => path === "/stop_profile")).toBe(false);
    expect(server.running()).toBe(false);
  });

  test("one free request leaves a file of each stage", async () => {
    const server = await double({ framework: "sglang", release: "0.5.23 SGLANG_PROFILE_V2" });
    const { record, error } = await captureFrom(server, { ...asked, workload: { kind: "legacy" } });
    expect(error).toBeNull();
    expect(record?.stages[0]?.files.map(({ stage, steps }) => [stage, steps])).toEqual([
      ["decode", { prefill: 0, decode: 5, mixed: 0 }],
      ["prefill", { prefill: 1, decode: 0, mixed: 0 }],
    ]);
  });

  test("a server that dies of a usual start: the hint names the option", async () => {
    const server = await double({ framework: "sglang", release: "0.5.23 SGLANG_PROFILE_V2" });
    const { error } = await captureFrom(server);
    expect(error?.code).toBe("capture/died");
    expect(error?.hint).toContain("--sglang-profile-v2");
  });

  test("is no wish for another server", async () => {
    const { error } = await captureFrom(await double({ framework: "tokenspeed" }), asked);
    expect(error?.code).toBe("capture/not-supported");
  });
});

describe.concurrent("TensorRT-LLM traced by its launch environment", () => {
  async function byEnvironment(
    release: Release,
    name: string,
    window: readonly [number, number],
    ranks = 1,
  ) {
    const envTrace = join(scratchFolder(), name);
    const server = await double({
      framework: "trtllm",
      release,
      launchPath: envTrace,
      launchWindow: window,
      ranks,
    });
    return captureFrom(server, { envTrace, workload: { kind: "prefill" } });
  }

  test.each([
    ["one file a rank", "trace.json", "trace-rank-0.json"],
    ["one file a rank", "trace.json.gz", "trace.json-rank-0.gz"],
  ] as const)("%s, %s: takes %s in", async (release, asked, written) => {
    const { record, error } = await byEnvironment(release, asked, [11, 16], 2);
    expect(error).toBeNull();
    expect(record?.notes.join()).toContain("TLLM_PROFILE_START_STOP says which iterations");
    expect(record?.stages[0]?.files.map(({ path, rank }) => [path, rank])[0]).toEqual([
      `prefill/${written}`,
      0,
    ]);
    expect(record?.stages[0]?.steps).toEqual({ prefill: 5, decode: 0, mixed: 0 });
  });

  test("one file: records the last iteration as well", async () => {
    const { record, error } = await byEnvironment("one file", "trace.json", [11, 15]);
    expect(error).toBeNull();
    expect(record?.stages[0]?.files.map(({ path }) => path)).toEqual(["prefill/trace.json"]);
    expect(record?.stages[0]?.steps).toEqual({ prefill: 5, decode: 0, mixed: 0 });
  });

  test("two stages cannot share its window", async () => {
    const envTrace = join(scratchFolder(), "trace.json");
    const server = await double({
      framework: "trtllm",
      release: "one file a rank",
      launchPath: envTrace,
      launchWindow: [1, 2],
    });
    const { error } = await captureFrom(server, { envTrace });
    expect(error?.code).toBe("capture/not-supported");
    expect(error?.hint).toContain("--workload prefill");
  });
});

describe.concurrent("what is sent", () => {
  test("prompts of exact length that share no beginning, answers of exact length", async () => {
    const server = await double({ framework: "sglang" });
    await captureFrom(server, { workload: { prefillInput: 4090, decodeOutput: null } });
    const sent = server.calls
      .filter(({ path }) => path === "/generate")
      .map(({ body }) => body as { text: string; sampling_params: Record<string, unknown> });
    const prefill = sent.slice(0, 15);
    expect(prefill.map(({ text }) => text.split(" ").length)).toEqual(Array(15).fill(4090));
    expect(new Set(prefill.map(({ text }) => text.split(" ")[0])).size).toBe(15);
    expect(sent.map(({ sampling_params: { max_new_tokens } }) => max_new_tokens)).toEqual([
      ...Array(15).fill(1),
      10,
      2048,
    ]);
    expect(sent.every(({ sampling_params }) => sampling_params.ignore_eos === true)).toBe(true);
  });

  test("vLLM: no body in profile calls, the decode request capped to the window", async () => {
    const { double: server, traceDir } = await launchedDouble({ framework: "vllm" });
    await captureFrom(server, { traceDir, workload: { decodeOutput: null } });
    const profile = server.calls.filter(({ path }) => path.endsWith("_profile"));
    expect(profile.map(({ method, body }) => [method, Object.keys(body)])).toEqual([
      ["GET", []],
      ["GET", []],
      ...Array(4).fill(["POST", []]),
    ]);
    const last = server.calls.filter(({ path }) => path === "/v1/completions").at(-1)!;
    expect(last.body).toMatchObject({ max_tokens: 6, ignore_eos: true, temperature: 0 });
  });

  test.each(["0.32.0", "0.33.0"] as const)(
    "vLLM %s: the start request bounds the session",
    async (release) => {
      const { double: server, traceDir } = await launchedDouble({ framework: "vllm", release });
      const captured = await captureFrom(server, {
        traceDir,
        profilePrefix: "mine",
        withStack: false,
      });
      expect(captured.error).toBeNull();
      expect(captured.record!.stages.map(({ steps }) => steps)).toEqual([
        { prefill: 5, decode: 0, mixed: 0 },
        { prefill: 0, decode: 5, mixed: 0 },
      ]);
      expect(captured.result!.traces.every((path) => path.includes("/mine_dp0"))).toBe(true);
      const starts = server.calls.filter(
        ({ method, path }) => method === "POST" && path === "/start_profile",
      );
      const kwargs = { profiler_kwargs: { with_stack: false, record_shapes: true } };
      const common = { profile_prefix: "mine", ...(release === "0.33.0" ? kwargs : {}) };
      expect(starts.map(({ body }) => body)).toEqual([
        { max_iterations: 10, delay_iterations: 0, ...common },
        { max_iterations: 5, delay_iterations: 2, ...common },
      ]);
      const told = captured.record!.notes.filter((note) =>
        note.includes("torch_profiler_with_stack"),
      );
      expect(told).toHaveLength(release === "0.33.0" ? 0 : 1);
    },
  );

  test("vLLM from 0.32: another session is busy, and stays", async () => {
    const { double: server, traceDir } = await launchedDouble({
      framework: "vllm",
      release: "0.32.0",
      faults: { alreadyRunning: true },
    });
    const { error } = await captureFrom(server, { traceDir });
    expect(error?.code).toBe("capture/busy");
    expect(server.running()).toBe(true);
  });

  test.each([
    ["vllm", ["--profile-by-stage", "--profile-prefix", "torch_profiler_with_stack"]],
    ["trtllm", ["--profile-by-stage", "--profile-prefix", "--no-shapes"]],
    ["tokenspeed", ["--profile-by-stage", "--profile-prefix"]],
    ["sglang", ["--profile-by-stage"]],
  ] as const)("%s tells once what it cannot take", async (framework, words) => {
    const { double: server, traceDir } =
      framework === "vllm"
        ? await launchedDouble({ framework })
        : { double: await double({ framework }), traceDir: null };
    const { record, error } = await captureFrom(server, {
      traceDir,
      profileByStage: true,
      profilePrefix: "p",
      withStack: false,
      recordShapes: false,
      workload: { activeSteps: 2 },
    });
    expect(error).toBeNull();
    for (const word of words)
      expect(record!.notes.filter((note) => note.includes(word))).toHaveLength(1);
  });

  test("requests of one group go out together", async () => {
    const server = await double({ framework: "tokenspeed" });
    const { error } = await captureFrom(server, {
      workload: { kind: "decode", concurrency: 4, warmupSteps: 0 },
    });
    expect(error).toBeNull();
    expect(server.calls.filter(({ path }) => path === "/v1/completions")).toHaveLength(4);
  });
});

describe.concurrent("what is kept beside the traces", () => {
  test("server_args.json is SGLang's own object without its secrets", async () => {
    const server = await double({ framework: "sglang" });
    const { output } = await captureFrom(server, { workload: { kind: "prefill" } });
    const args = JSON.parse(readFileSync(join(output, "server_args.json"), "utf8"));
    expect(args).toMatchObject({
      model_path: "/models/tiny-model",
      tokenizer_path: "/models/tiny-model",
      tp_size: 1,
      api_key: "<redacted>",
      url: server.url,
    });
  });

  test("for others it names framework, model, version and address", async () => {
    const { double: server, traceDir } = await launchedDouble({ framework: "vllm" });
    const { output } = await captureFrom(server, { traceDir, workload: { kind: "prefill" } });
    expect(JSON.parse(readFileSync(join(output, "server_args.json"), "utf8"))).toMatchObject({
      framework: "vllm",
      model: "/models/tiny-model",
      version: "0.26.0",
      url: server.url,
    });
  });

  test("stale traces of an earlier run are not taken for new ones", async () => {
    const output = scratchFolder();
    mkdirSync(join(output, "prefill"));
    const stale = join(output, "prefill", "1700000000.5-TP-0.trace.json.gz");
    writeFileSync(
      stale,
      readFileSync("examples/sglang-tp2-prefill/1775078603.4170518-TP-0-EXTEND.trace.json.gz"),
    );
    const server = await double({ framework: "sglang" });
    const { result } = await captureFrom(server, { output, workload: { kind: "prefill" } });
    expect(result?.traces).toHaveLength(1);
    expect(result?.traces).not.toContain(stale);
  });
});
