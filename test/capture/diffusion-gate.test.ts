import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refuseDiffusersRuns, saysDiffusersBackend } from "../../src/capture/diffusion-gate.ts";
import { EXIT, TriageError } from "../../src/model/errors.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "gate-"));
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  "INFO Using diffusers backend for model 'M' (explicitly requested)",
  "[12:00:01] Falling back to diffusers backend",
  "WARNING Pipeline class 'X' specified in 'M' has no native sglang support. Falling back to diffusers backend.",
  "WARNING Could not resolve native configuration for model 'M'. Falling back to diffusers backend.",
  "INFO Detected a quantized model format ('M-awq'). The native sglang-diffusion engine currently only supports BF16/FP16. Falling back to diffusers backend.",
  "INFO Loaded diffusers pipeline: FluxPipeline",
  "\u001b[32mINFO\u001b[0m Loaded \u001b[1mDIFFUSERS\u001b[0m pipeline: FluxPipeline",
  "INFO server_args=ServerArgs(model_path='M', backend='diffusers', tp_size=1)",
  'INFO server_args: {"model_path": "M", "backend": "diffusers"}',
  "ServerArgs(backend=<Backend.DIFFUSERS: 'diffusers'>)",
  "+ sglang serve --model-path M --backend diffusers --port 1",
  "+ sglang serve --model-path M --backend=diffusers",
])("matches %s", (line) => {
  expect(saysDiffusersBackend(line)).toBe(true);
});

test.each([
  "DEBUG Using native sglang backend for model 'M'",
  "ERROR Consider using --backend diffusers to use vanilla diffusers pipeline.",
  "INFO server_args=ServerArgs(backend='auto', diffusers_attention=None)",
  "INFO server_args=ServerArgs(attention_backend='diffusers_native', backend='sglang')",
  "make the engine serve the model natively (no --backend diffusers), then record again",
  "INFO diffusers backend is not used",
  "",
])("does not match %s", (line) => {
  expect(saysDiffusersBackend(line)).toBe(false);
});

async function refusal(logs: string[], traces: string[]): Promise<TriageError | null> {
  try {
    await refuseDiffusersRuns(logs, traces);
    return null;
  } catch (error) {
    if (error instanceof TriageError) return error;
    throw error;
  }
}

test("a named log is quoted with file and line, exit 6", async () => {
  const log = join(root, "server.txt");
  writeFileSync(log, "starting\r\n\u001b[33mFalling back to Diffusers backend\u001b[0m\r\nready\n");
  const error = await refusal([log], []);
  expect(error).toMatchObject({
    code: "refused/diffusers-backend",
    exit: EXIT.refused,
    place: `${log}:2`,
    message: 'the server ran the diffusers backend: "Falling back to Diffusers backend"',
  });
  expect(error?.hint).toContain("backend-selection issue");
});

test("a mark is found wherever the file is parted in reading, and colours in it do not hide it", async () => {
  const log = join(root, "long.log");
  for (const before of [0, 5, 25, 40]) {
    const line = "Loaded \u001b[1mdiff\u001b[0musers pipeline: X";
    const filler = `${"x".repeat(1023)}\n`.repeat(1024);
    writeFileSync(log, `${filler.slice(before, -1)}\n${line}\n${filler}`);
    expect((await refusal([log], []))?.place).toBe(`${log}:1025`);
  }
});

test.each([
  ["beside the trace", "run-a/decode", "run-a/decode/sglang_server.log"],
  ["one folder up", "run-b/decode", "run-b/server.LOG"],
])("finds a log %s, given the file or its directory", async (_, folder, log) => {
  mkdirSync(join(root, folder), { recursive: true });
  const trace = join(root, folder, "TP-0.trace.json.gz");
  writeFileSync(trace, "");
  writeFileSync(join(root, log), "Loaded diffusers pipeline: X\n");
  for (const given of [trace, join(root, folder)])
    expect((await refusal([], [given]))?.place).toBe(`${join(root, log)}:1`);
});

const MARK = "ready\nLoaded diffusers pipeline: X\n";
test.each([
  ["server.log.1", Buffer.from(MARK)],
  ["server.log.gz", gzipSync(MARK)],
  ["server.log.2.gz", gzipSync(MARK)],
  ["nohup.out", Buffer.from(MARK)],
  ["slurm-4711.out", Buffer.from(MARK)],
  ["stderr", Buffer.from(MARK)],
  ["stderr.txt", Buffer.from(MARK)],
  ["job.err", Buffer.from(MARK)],
  ["server.txt", Buffer.from(MARK)],
  ["logs/worker.log", Buffer.from(MARK)],
  ["utf16.log", Buffer.from(`\uFEFF${MARK}`, "utf16le")],
  ["utf16-bare.log", Buffer.from(MARK, "utf16le")],
  ["utf16-be.log", Buffer.from(`\uFEFF${MARK}`, "utf16le").swap16()],
])("reads %s", async (name, bytes) => {
  const folder = mkdtempSync(join(root, "names-"));
  mkdirSync(join(folder, "logs"));
  mkdirSync(join(folder, "decode"));
  writeFileSync(join(folder, name), bytes);
  const error = await refusal([], [join(folder, "decode")]);
  expect(error?.place).toBe(`${join(folder, name)}:2`);
  expect(error?.message).toContain('"Loaded diffusers pipeline: X"');
});

test("server arguments beside the trace tell as well; a native backend passes", async () => {
  const folder = join(mkdtempSync(join(root, "args-")), "run");
  mkdirSync(folder);
  const path = join(folder, "server_args.json");
  writeFileSync(path, JSON.stringify({ model_path: "M", backend: "diffusers" }, null, 2));
  expect((await refusal([], [folder]))?.place).toBe(`${path}:3`);
  writeFileSync(path, JSON.stringify({ model_path: "M", backend: "sglang" }));
  expect(await refusal([], [folder])).toBeNull();
});

test("clean logs and other files pass; two folders up is not looked at", async () => {
  mkdirSync(join(root, "clean/a/b"), { recursive: true });
  writeFileSync(join(root, "clean/server.log"), "Loaded diffusers pipeline: X\n");
  writeFileSync(join(root, "clean/a/server.log"), "Using native sglang backend for model 'M'\n");
  writeFileSync(join(root, "clean/a/b/notes.txt"), "Loaded diffusers pipeline: X\n");
  expect(await refusal([], [join(root, "clean/a/b")])).toBeNull();
});

test("a named log that is not there is an error of its own", async () => {
  expect(await refusal([join(root, "absent.log")], [])).toMatchObject({
    code: "log/unreadable",
    exit: EXIT.unreadable,
  });
});
