import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { DEFAULT_TIMEOUTS } from "../../src/capture/capture-options.ts";
import { resumeCapture } from "../../src/capture/index.ts";
import { EXIT } from "../../src/model/errors.ts";
import type { FrameworkId } from "../../src/model/framework.ts";
import {
  type Captured,
  captureFrom,
  double,
  launchedDouble,
  recordAt,
  scratchFolder,
  testClock,
} from "../support/doubles/capture-from.ts";
import type { Faults } from "../support/doubles/fault.ts";
import type { DoubleOptions } from "../support/doubles/host.ts";

/** Seconds of the doubles' time; short, for most of these waits end in vain. */
const SHORT = { ...DEFAULT_TIMEOUTS, start: 8, stop: 12, request: 60, traces: 30, firstTrace: 20 };
const PREFILL = { kind: "prefill" } as const;

type Launch = Omit<DoubleOptions, "speed" | "framework" | "faults">;

/** One prefill window against a double of `framework` with these faults. */
async function captureWith(
  framework: FrameworkId,
  faults: Partial<Faults>,
  more: { launch?: Launch; timeouts?: Partial<typeof SHORT>; both?: boolean } = {},
): Promise<Captured> {
  const launch = { framework, faults, ...more.launch };
  const timeouts = { ...SHORT, ...more.timeouts };
  const workload = more.both ? {} : PREFILL;
  if (framework !== "vllm") return captureFrom(await double(launch), { timeouts, workload });
  const { double: server, traceDir } = await launchedDouble(launch);
  return captureFrom(server, { timeouts, workload, traceDir });
}

function stops({ double: { calls } }: Captured): number {
  return calls.filter(({ method, path }) => method === "POST" && path === "/stop_profile").length;
}

/** Whatever went wrong: an error of its own kind, exit 5, and no damaged file among the results. */
function expectFailure(captured: Captured, reason: string): void {
  const { error, result, record } = captured;
  expect(error?.code).toBe(`capture/${reason}`);
  expect(error?.exit).toBe(EXIT.captureFailed);
  expect(error?.hint).not.toBe("");
  expect(result).toBeNull();
  if (record === null) return;
  expect(record.status).toBe("failed");
  expect(record.failure?.code).toBe(`capture/${reason}`);
  const good = record.stages.flatMap(({ files }) => files.map(({ path }) => basename(path)));
  for (const { path } of record.stages.flatMap(({ incomplete }) => incomplete))
    expect(good).not.toContain(basename(path));
}

describe.concurrent("traces that take their time", () => {
  test.each(["sglang", "vllm", "trtllm", "tokenspeed"] as const)(
    "%s: a flush of thirty seconds is waited for, with progress",
    async (framework) => {
      const captured = await captureWith(
        framework,
        { flushSeconds: 30 },
        { timeouts: { traces: 90, firstTrace: 90, stop: 90 } },
      );
      expect(captured.error).toBeNull();
      expect(captured.record?.stages[0]?.files).toHaveLength(1);
      expect(
        captured.progress.filter(({ phase }) => phase !== "recognise" && phase !== "warm-up")
          .length,
      ).toBeGreaterThan(2);
    },
  );

  test("a gz that grows at its final name and stands still twice is not read early", async () => {
    const captured = await captureWith("sglang", { growSeconds: 18 }, { launch: { ranks: 1 } });
    expect(captured.error).toBeNull();
    expect(captured.result?.traces).toHaveLength(1);
  });

  test("TensorRT-LLM, which answers before the other ranks have saved: all are waited for", async () => {
    const captured = await captureWith("trtllm", { rankLagSeconds: 8 }, { launch: { ranks: 2 } });
    expect(captured.error).toBeNull();
    expect(captured.record?.stages[0]?.files.map(({ rank }) => rank)).toEqual([0, 1]);
  });

  test("SGLang, known ranks: the second file is waited for", async () => {
    const captured = await captureWith("sglang", { rankLagSeconds: 8 }, { launch: { ranks: 2 } });
    expect(captured.error).toBeNull();
    expect(captured.record?.stages[0]?.files.map(({ rank }) => rank)).toEqual([0, 1]);
  });

  test("a rank of the prefill stage that lands while decoding is recorded goes to prefill", async () => {
    const captured = await captureWith(
      "vllm",
      { lateFirstSession: true },
      { launch: { ranks: 2 }, both: true },
    );
    expect(captured.error).toBeNull();
    const files = captured.record?.stages.map(({ stage, files: found }) => [
      stage,
      found.map(({ rank }) => rank),
    ]);
    expect(files).toEqual([
      ["prefill", [0, 1]],
      ["decode", [0, 1]],
    ]);
    expect(captured.result?.notes.join()).toContain("came late");
  });

  test("/health turning 503 during the export concludes nothing", async () => {
    const captured = await captureWith("sglang", { unhealthyWhileSaving: true, flushSeconds: 15 });
    expect(captured.error).toBeNull();
  });
});

describe.concurrent("traces that never become whole", () => {
  test.each(["half", "trailer"] as const)("cut at %s: named, truncated", async (truncate) => {
    const captured = await captureWith("sglang", { truncate });
    expectFailure(captured, "truncated");
    expect(captured.error?.message).toMatch(
      /TP-0\.trace\.json\.gz \(\d+ bytes, the gzip stream ends early\)/,
    );
  });

  test("plain JSON cut in the middle is truncated as well", async () => {
    const captured = await captureWith("trtllm", { truncate: "half" });
    expectFailure(captured, "truncated");
    expect(captured.error?.message).toContain("its JSON has no end");
  });

  test("a wrong checksum is damage, told at once", async () => {
    const captured = await captureWith("sglang", { badCrc: true }, { timeouts: { traces: 6000 } });
    expectFailure(captured, "corrupt");
    expect(captured.error?.message).toContain("incorrect data check");
  });

  test("two ranks in one file: said to be so, with the remedy", async () => {
    const envTrace = join(scratchFolder(), "trace.json");
    const server = await double({
      framework: "trtllm",
      release: "one file",
      launchPath: envTrace,
      launchWindow: [11, 15],
      ranks: 2,
      faults: { sharedPath: true },
    });
    const captured = await captureFrom(server, { envTrace, timeouts: SHORT, workload: PREFILL });
    expectFailure(captured, "corrupt");
    expect(captured.error?.hint).toContain("override-trtllm");
  });

  test("a rank that never writes: missing, the whole one kept and named", async () => {
    const server = await double({ framework: "sglang", serverArgs: { tp_size: 2 } });
    const captured = await captureFrom(server, { timeouts: SHORT, workload: PREFILL });
    expectFailure(captured, "missing-ranks");
    expect(captured.record?.stages[0]?.files).toHaveLength(1);
  });

  test.each([
    ["vllm", "swallow", { swallow: true }, "torch_profiler_dir"],
    [
      "vllm",
      "a directory it may not write",
      { readonlyDirectory: true },
      "Failed to stop profiler",
    ],
    ["sglang", "its own file system", { writesTo: "elsewhere" }, "mounted"],
  ] as const)("%s, %s: nothing written, with the path", async (framework, _, faults, hint) => {
    const writesTo = "writesTo" in faults ? scratchFolder() : null;
    const captured = await captureWith(framework, { ...faults, writesTo });
    expectFailure(captured, "nothing-written");
    expect(captured.error?.hint).toContain(hint);
    expect(captured.error?.message).toContain(captured.record!.stages[0]!.traceDirectory);
  });
});

describe.concurrent("servers that refuse", () => {
  test.each([
    ["sglang", "json", "own address"],
    ["vllm", "json", "--profiler-config"],
    ["vllm", "html", "--profiler-config"],
    ["trtllm", "json", "TLLM_TORCH_PROFILE_TRACE"],
    ["tokenspeed", "html", "POST /start_profile and /stop_profile"],
  ] as const)("%s without profile routes (%s): what to set", async (framework, body, advice) => {
    const captured = await captureWith(framework, { noStartRoute: body });
    expectFailure(captured, "not-supported");
    expect(captured.error?.hint).toContain(advice);
    expect(stops(captured)).toBe(0);
  });

  test("TensorRT-LLM before it had routes: the same advice", async () => {
    const captured = await captureWith("trtllm", {}, { launch: { release: "one file a rank" } });
    expectFailure(captured, "not-supported");
  });

  test.each([
    ["sglang", "0.5.23"],
    ["sglang", "0.4.9"],
    ["trtllm", "profile routes"],
    ["tokenspeed", "0.1.1"],
  ] as const)(
    "%s (%s) with somebody's profile running: busy, and theirs goes on",
    async (framework, release) => {
      const captured = await captureWith(
        framework,
        { alreadyRunning: true },
        { launch: { release } },
      );
      expectFailure(captured, "busy");
      expect(stops(captured)).toBe(0);
      expect(captured.double.running()).toBe(true);
      expect(captured.error?.hint).toContain(`${captured.double.url}/stop_profile`);
    },
  );

  test("TokenSpeed, one of two workers started: a failure, and only that worker is stopped", async () => {
    const captured = await captureWith("tokenspeed", { halfStart: true });
    expectFailure(captured, "rejected");
    expect(captured.double.log).toEqual(["stop grpc://127.0.0.1:9001"]);
    await vi.waitFor(() => expect(captured.double.running()).toBe(false), 5000);
  });

  test("TokenSpeed, a worker that did not stop with the others is asked by name", async () => {
    const captured = await captureWith("tokenspeed", { halfStop: "once" });
    expect(captured.error).toBeNull();
    expect(captured.double.log).toContain("stop grpc://127.0.0.1:9000");
  });

  test("TokenSpeed, one worker by its url: the gateway is asked for that one alone", async () => {
    const workerUrl = "grpc://127.0.0.1:9000";
    const { double: gateway } = await captureFrom(await double({ framework: "tokenspeed" }), {
      timeouts: SHORT,
      workload: PREFILL,
      workerUrl,
    });
    const asked = gateway.calls.filter(
      ({ method, path }) => method === "POST" && path.endsWith("_profile"),
    );
    expect(asked.map(({ body }) => body.url)).toEqual(asked.map(() => workerUrl));
    expect(asked.length).toBeGreaterThan(1);
  });

  test("TokenSpeed, a worker that never stops is told with how to stop it", async () => {
    const captured = await captureWith("tokenspeed", { halfStop: "always" });
    const told = JSON.stringify([captured.record, captured.error]);
    expect(told).toContain("grpc://127.0.0.1:9000");
  });

  test("a server that wants a key says which option gives it; with the key it works", async () => {
    const refused = await captureWith("sglang", { apiKey: "s3cret" });
    expectFailure(refused, "unauthorised");
    expect(refused.error?.hint).toContain("--api-key");
    const server = await double({ framework: "sglang", faults: { apiKey: "s3cret" } });
    const captured = await captureFrom(server, { apiKey: "s3cret", workload: PREFILL });
    expect(captured.error).toBeNull();
  });

  test("TensorRT-LLM that cannot make the directory: permissions, and it lives", async () => {
    const captured = await captureWith("trtllm", { readonlyDirectory: true });
    expectFailure(captured, "not-writable");
    expect(captured.double.running()).toBe(false);
  });

  test("no models", async () => {
    const captured = await captureWith("tokenspeed", { noModels: true });
    expectFailure(captured, "rejected");
    expect(captured.error?.message).toContain("no models");
  });

  test("a prompt beyond the context: made to fit, or said clearly when chosen", async () => {
    const fitted = await captureWith("sglang", { contextLimit: 2048 });
    expect(fitted.error).toBeNull();
    expect(fitted.result?.notes.join()).toContain("2042 instead of 4090");
    const chosen = await captureFrom(
      await double({ framework: "sglang", faults: { contextLimit: 2048 } }),
      {
        workload: { ...PREFILL, prefillInput: 4000 },
      },
    );
    expect(chosen.error).toMatchObject({ code: "capture/context-limit", exit: EXIT.usage });
  });

  test.each([
    ["by a little", 1.001, "Prompts of 4090 words are 4095 tokens here"],
    ["so that the warm-up is refused", 1.05, "Prompts of 3834 words are 4026 tokens here"],
  ])(
    "a tokenizer with more tokens than words, %s: the prompts are made to fit",
    async (_, tokensPerWord, note) => {
      const captured = await captureWith("vllm", { contextLimit: 4096, tokensPerWord });
      expect(captured.error).toBeNull();
      expect(captured.result?.notes.join()).toContain(note);
      const tokens = captured.record!.stages[0]!.requests.map(({ promptTokens }) => promptTokens);
      expect(Math.max(...tokens.map(Number))).toBeLessThanOrEqual(4090);
    },
  );

  test("a limit the server does not tell: its 400 names the option", async () => {
    const server = await double({ framework: "sglang" });
    server.set({ contextLimit: 1000 });
    const captured = await captureFrom(server, { workload: { ...PREFILL, prefillInput: 990 } });
    expect(captured.error).toBeNull();
    const hidden = await double({
      framework: "sglang",
      serverArgs: { context_length: null },
      faults: { contextLimit: 1000 },
    });
    const failed = await captureFrom(hidden, { workload: { ...PREFILL, prefillInput: 2000 } });
    expectFailure(failed, "context-limit");
    expect(failed.error?.hint).toContain("--prefill-input-len");
    expect(hidden.running()).toBe(false);
  });
});

describe.concurrent("servers that die or hang", () => {
  test.each(["sglang", "vllm", "trtllm", "tokenspeed"] as const)(
    "%s dies of the start",
    async (framework) => {
      expectFailure(await captureWith(framework, { dieAt: "start" }), "died");
    },
  );

  test.each(["sglang", "vllm", "trtllm", "tokenspeed"] as const)(
    "%s dies while recording",
    async (framework) => {
      const captured = await captureWith(framework, { dieAt: "recording" });
      expectFailure(captured, "died");
      expect(captured.record?.stages[0]?.files).toEqual([]);
    },
  );

  test.each(["sglang", "vllm", "tokenspeed"] as const)(
    "%s dies while saving: the cut file is named",
    async (framework) => {
      const captured = await captureWith(framework, { dieAt: "saving" });
      expectFailure(captured, "died");
      expect(captured.record?.stages[0]?.incomplete).toHaveLength(1);
      const [cut] = captured.record!.stages[0]!.incomplete;
      expect(captured.error?.message).toContain(
        `${basename(cut!.path)} (cut at ${cut!.size} bytes)`,
      );
    },
  );

  test.each(["sglang", "tokenspeed"] as const)(
    "%s ends when it may not write: died, with that cause",
    async (framework) => {
      const captured = await captureWith(framework, { readonlyDirectory: true });
      expectFailure(captured, "died");
      expect(captured.error?.hint).toContain("may the user it runs as write");
    },
  );

  test.each(["sglang", "vllm", "trtllm", "tokenspeed"] as const)(
    "%s never answers the start: an attempt to stop",
    async (framework) => {
      const captured = await captureWith(framework, { hangAt: "start" });
      expectFailure(captured, "no-answer");
      // SGLang's window waits for a step: when nothing was running, it gets one and a second stop.
      expect(stops(captured)).toBe(framework === "sglang" ? 2 : 1);
      await vi.waitFor(() => expect(captured.double.running()).toBe(false), 5000);
    },
  );

  test("a stop that is never answered is tried once more, then said", async () => {
    const captured = await captureWith("sglang", { hangAt: "stop" });
    expectFailure(captured, "no-answer");
    expect(stops(captured)).toBe(2);
    expect(captured.error?.hint).toContain("may still be running");
  });
});

describe.concurrent("windows that hold something else", () => {
  test("more steps asked than there is traffic: stopped, then taken in, short", async () => {
    const server = await double({ framework: "sglang", faults: { eosAfter: 3 } });
    server.set({ strictFields: true });
    const captured = await captureFrom(server, {
      workload: { kind: "decode", decodeOutput: 4, warmupSteps: 0 },
    });
    expect(captured.error).toBeNull();
    expect(stops(captured)).toBe(1);
    expect(captured.result?.shortfalls).toEqual([
      "the decode trace holds 3 of 5 decode steps (prefill 1, decode 3, mixed 0)",
    ]);
  });

  test("a server that knows no ignore_eos and ends early: short, not silent", async () => {
    const { double: server, traceDir } = await launchedDouble({
      framework: "vllm",
      faults: { strictFields: true, eosAfter: 3 },
    });
    const captured = await captureFrom(server, { traceDir, workload: { kind: "decode" } });
    expect(captured.error).toBeNull();
    expect(captured.result?.shortfalls[0]).toContain("2 of 5 decode steps");
  });

  test("a window that ended by itself answers stop with 500: ignored, the files are there", async () => {
    const captured = await captureWith("sglang", { eosAfter: null }, { both: true });
    expect(captured.error).toBeNull();
    expect(captured.record?.stages.map(({ stop }) => stop)).toEqual(["stopped", "idle"]);
  });

  test("other clients' traffic uses the window up: what was captured is told", async () => {
    const captured = await captureWith("sglang", { extraForwards: 3 });
    expect(captured.error).toBeNull();
    expect(captured.record?.stages[0]?.steps).toEqual({ prefill: 2, decode: 3, mixed: 0 });
    expect(captured.result?.shortfalls[0]).toContain("2 of 5 prefill steps");
  });

  test("no step of the stage at all is a failure", async () => {
    const captured = await captureFrom(await double({ framework: "sglang" }), {
      timeouts: SHORT,
      workload: { kind: "decode", decodeOutput: 1, warmupSteps: 0 },
    });
    expectFailure(captured, "fewer-steps");
  });
});

describe.concurrent("disaggregated serving", () => {
  test.each([
    ["router", {}],
    ["prefill", {}],
    ["decode", PREFILL],
    ["prefill", PREFILL],
  ] as const)("a %s alone is refused before anything is sent", async (half, workload) => {
    const server = await double({ framework: "sglang", faults: { disaggregation: half } });
    const captured = await captureFrom(server, { workload });
    expectFailure(captured, "disaggregated");
    expect(captured.error?.hint).toContain("--prefill-url");
    expect(server.calls.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("load through the router, each worker profiled for its own stage", async () => {
    const half = (disaggregation: "prefill" | "decode") =>
      double({ framework: "sglang", faults: { disaggregation } });
    const [prefill, decode] = await Promise.all([half("prefill"), half("decode")]);
    const router = await double({
      framework: "sglang",
      faults: { disaggregation: "router" },
      workers: [prefill, decode],
    });
    const captured = await captureFrom(router, { prefillUrl: prefill.url, decodeUrl: decode.url });
    expect(captured.error).toBeNull();
    expect(
      captured.record?.stages.map(({ controlUrl, files }) => [controlUrl, files.length]),
    ).toEqual([
      [prefill.url, 1],
      [decode.url, 1],
    ]);
    expect(router.calls.some(({ path }) => path.endsWith("_profile"))).toBe(false);
  });
});

describe.concurrent("taking a broken wait up again", () => {
  test("a trace that came after the deadline is taken in without recording again", async () => {
    const captured = await captureWith(
      "trtllm",
      { flushSeconds: 60 },
      { timeouts: { traces: 20 } },
    );
    expectFailure(captured, "nothing-written");
    expect(captured.record?.stages[0]?.status).toBe("waiting");
    const starts = () =>
      captured.double.calls.filter(
        ({ path, method }) => method === "POST" && path === "/start_profile",
      ).length;
    const before = starts();
    const result = await resumeCapture(
      { output: captured.output, apiKey: null, timeouts: { ...SHORT, traces: 120 } },
      { clock: testClock() },
    );
    expect(result.traces).toHaveLength(1);
    expect(existsSync(result.traces[0]!)).toBe(true);
    expect(starts()).toBe(before);
    expect(recordAt(captured.output)).toMatchObject({ status: "complete", failure: null });
  });

  test("where no wait is left to take up, what the run left is offered", async () => {
    const captured = await captureWith("sglang", { dieAt: "saving" });
    expectFailure(captured, "died");
    const record = recordAt(captured.output)!;
    const stages = record.stages.map((stage) => ({ ...stage, status: "failed" }));
    writeFileSync(join(captured.output, "capture.json"), JSON.stringify({ ...record, stages }));
    const left = stages.flatMap(({ files, incomplete }) => [...files, ...incomplete]);
    expect(left.length).toBeGreaterThan(0);
    const again = resumeCapture({ output: captured.output, apiKey: null, timeouts: SHORT });
    const error = await again.then(
      () => null,
      (thrown: unknown) => thrown as { code: string; hint: string },
    );
    expect(error?.code).toBe("capture/nothing-to-resume");
    for (const { path } of left) expect(error?.hint).toContain(path);
  });

  test("a directory without a record, and one with nothing to wait for", async () => {
    const folder = scratchFolder();
    mkdirSync(join(folder, "empty"));
    const resume = (output: string) => resumeCapture({ output, apiKey: null, timeouts: SHORT });
    await expect(resume(join(folder, "empty"))).rejects.toMatchObject({
      code: "capture/no-record",
    });
    const captured = await captureWith("sglang", { dieAt: "start" });
    await expect(resume(captured.output)).rejects.toMatchObject({
      code: "capture/nothing-to-resume",
    });
  });
});
