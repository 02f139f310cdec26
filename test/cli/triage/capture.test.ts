import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CaptureResult } from "../../../src/capture/capture-options.ts";
import { parseOptions } from "../../../src/cli/options.ts";
import { tellCapture } from "../../../src/cli/triage/live/capture.ts";
import { CAPTURE_OPTIONS, readCaptureFlags } from "../../../src/cli/triage/live/capture-options.ts";
import { double, scratchFolder } from "../../support/doubles/capture-from.ts";
import { triageHere } from "./run-in-process.ts";

function flags(args: string[], env = {}) {
  return readCaptureFlags(
    parseOptions(args, CAPTURE_OPTIONS, "triage capture"),
    "triage capture",
    env,
  );
}

describe("options of a capture", () => {
  test("defaults", () => {
    expect(flags(["--url", "u"])).toMatchObject({
      url: "u",
      framework: null,
      output: "triage-capture",
      withStack: true,
      recordShapes: true,
      workload: {
        kind: "both",
        prefillInput: null,
        decodeOutput: null,
        warmupSteps: 10,
        activeSteps: 5,
      },
      timeouts: { stop: 1200, traces: 600, firstTrace: 120, quiet: 10 },
    });
  });

  test("what is given", () => {
    const args = [
      "--url=u",
      "--workload=decode",
      "--active-steps=3",
      "--no-stacks",
      "--trace-timeout=900",
    ];
    expect(flags(args)).toMatchObject({
      withStack: false,
      workload: { kind: "decode", activeSteps: 3 },
      timeouts: { traces: 900, firstTrace: 900 },
    });
  });

  test("the key from the option, else from the environment", () => {
    const env = { FUSE_TRIAGE_API_KEY: "e" };
    expect(flags(["--url=u", "--api-key=o"], env).apiKey).toBe("o");
    expect(flags(["--url=u"], env).apiKey).toBe("e");
    expect(flags(["--url=u"]).apiKey).toBeNull();
  });
});

describe("fewer steps than asked", () => {
  const result: CaptureResult = {
    framework: "sglang",
    directory: "d",
    traces: [],
    recordPath: "",
    serverArgsPath: "",
    stages: [],
    shortfalls: ["the prefill trace holds 2 of 5 prefill steps"],
    notes: [],
  };
  const terminal = {
    width: 80,
    colorOut: false,
    colorErr: false,
    isWatched: false,
    errorsAsJson: false,
  };

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("is 5, unless allowed", () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(tellCapture(result, terminal, false)).toBe(5);
    expect(tellCapture(result, terminal, true)).toBe(0);
    expect(tellCapture({ ...result, shortfalls: [] }, terminal, false)).toBe(0);
  });
});

describe("wrong usage is 2", () => {
  test.each([
    ["triage", ["--url", "x", "trace.json"], "usage/traces-and-server"],
    ["triage", ["--mapping-url", "x"], "usage/half-pair"],
    ["triage", ["--url", "x", "--workload", "decod"], "usage/bad-value"],
    ["triage", ["--url", "x", "--activ-steps", "3"], "usage/unknown-option"],
    ["capture", [], "usage/no-url"],
    ["capture", ["--url", "x", "y"], "usage/unexpected-argument"],
    ["probe", [], "usage/no-url"],
    ["matrix", [], "usage/no-config"],
    ["bundle", [], "usage/no-reports"],
    ["override-trtllm", [], "usage/no-source"],
  ])("%s %o", async (name, args, code) => {
    const { code: exit, err } = await triageHere(name, ...args);
    expect(exit).toBe(2);
    expect(err).toContain(`(${code})`);
  });

  test("a folder that holds an earlier capture", async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, "capture.json"), "{}");
    const { code, err } = await triageHere(
      "capture",
      "--url",
      "127.0.0.1:9",
      "--output-dir",
      folder,
    );
    expect(code).toBe(2);
    expect(err).toContain("(usage/folder-taken)");
  });
});

test("a failed capture prints no report and ends with 5", async () => {
  const { url } = await double({ framework: "trtllm", release: "one file a rank" });
  const { code, out, err } = await triageHere("triage", "--url", url);
  expect([code, out]).toEqual([5, ""]);
  expect(err).toContain("TLLM_TORCH_PROFILE_TRACE");
});

test("probe: 0 when text came back, 5 when not", async () => {
  const { url } = await double({ framework: "vllm" });
  const { code, out } = await triageHere("probe", url, "--format", "json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ framework: "vllm", answered: 6 });
  const words = await triageHere("probe", "--url", url);
  expect(words.out).toContain("Answers  6 of 6 with text, 0 empty, 0 failed");
  const small = await double({ framework: "vllm", faults: { contextLimit: 8 } });
  expect((await triageHere("probe", small.url)).code).toBe(5);
});

test("override-trtllm writes the patched source and says what changed", async () => {
  const folder = scratchFolder();
  const [source, patched] = [join(folder, "profiling.py"), join(folder, "patched.py")];
  writeFileSync(source, 'p = torch.profiler.profile(\n    a=1)\nx = "-rank-"\n');
  const { code, err } = await triageHere("override-trtllm", source, "--output", patched);
  expect(code).toBe(0);
  expect(err).toContain("profiling.py:1: with_stack=True added");
  expect(readFileSync(patched, "utf8")).toContain("profile(with_stack=True,\n");
  writeFileSync(source, "x = 1\n");
  expect((await triageHere("override-trtllm", source)).code).toBe(3);
});

test("matrix, then bundle", async () => {
  const { url } = await double({ framework: "sglang" });
  const folder = scratchFolder();
  const config = join(folder, "CONFIG.yaml");
  const text = `models:\n  - { id: tiny, model: m, urls: { sglang: "${url}" } }\nstages: [prefill]\n`;
  writeFileSync(config, text);
  const first = await triageHere("matrix", config);
  expect([first.code, first.out]).toEqual([
    0,
    `tiny/sglang\t${join(folder, "tiny/analysis_sglang.md")}\n`,
  ]);
  expect((await triageHere("matrix", config)).out).toContain("(done before)");
  const { out } = await triageHere("bundle", "--analysis-root", folder);
  expect(out).toContain("- [/models/tiny-model](#modelstiny-model)");
  expect(out).toContain("\n#### fuse-triage");
  writeFileSync(config, text.replace("stages", "stage"));
  const wrong = await triageHere("matrix", config);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain("CONFIG.yaml:3:1");
});

test("a run that fell back to diffusers is refused, and analysed by force", async () => {
  const folder = scratchFolder();
  const log = join(folder, "server.txt");
  writeFileSync(log, "ready\nLoaded diffusers pipeline: X\n");
  const args = ["examples/sglang-tp2-prefill", "--server-log", log, "--format", "json"];
  const refused = await triageHere("triage", ...args);
  expect([refused.code, refused.out]).toEqual([6, ""]);
  expect(refused.err).toContain(`at ${log}:2`);
  expect((await triageHere("triage", ...args, "--force")).code).toBe(0);
});
