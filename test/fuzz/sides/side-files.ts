import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Random } from "../random.ts";
import { mutatedJson, ODD_FILES, oddJson } from "./odd-texts.ts";

/** One command that reads a file which somebody means ill with. */
export interface Reading {
  readonly program: "triage" | "rules";
  readonly command: string;
  readonly args: readonly string[];
}

/** A place where a file is read: what a sound one holds, and which command reads it there. */
interface Reader {
  readonly sound: () => string;
  /** Where it lies below an empty folder. */
  readonly path: string;
  readonly reading: (file: string, folder: string) => Reading;
}

const TRACE = "examples/vllm-eager";
const triage = (...args: string[]): Reading => ({ program: "triage", command: "triage", args });
const of = (program: "triage" | "rules", command: string, ...args: string[]): Reading => ({
  program,
  command,
  args,
});

const CONFIG = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  num_hidden_layers: 32,
  vocab_size: 32_000,
  torch_dtype: "bfloat16",
  quantization_config: { quant_method: "fp8", weight_block_size: [128, 128] },
});

const RECORD = JSON.stringify({
  schemaVersion: 1,
  status: "failed",
  framework: "sglang",
  evidence: "x",
  url: "http://127.0.0.1:9",
  model: "m",
  version: "1",
  envTrace: null,
  startedAt: "2026-01-01T00:00:00Z",
  finishedAt: null,
  notes: [],
  failure: null,
  stages: [
    {
      stage: "decode",
      status: "waiting",
      controlUrl: "http://127.0.0.1:9",
      directory: "decode",
      traceDirectory: "/no/such",
      serverDirectory: "/no/such",
      before: {},
      files: [],
      incomplete: [],
      expectedFiles: 1,
    },
  ],
});

let report: string | null = null;
/** A report as `--format json` writes it: made once. */
export function useReport(text: string): void {
  report = text;
}

const READERS: Readonly<Record<string, Reader>> = {
  "a description of GPUs": {
    sound: () => readFileSync("references/gpus.yaml", "utf8").slice(0, 3_000),
    path: "gpus.yaml",
    reading: (file) => triage(TRACE, "--gpu", file),
  },
  "a model's configuration": {
    sound: () => CONFIG,
    path: "config.json",
    reading: (file) => triage(TRACE, "--model-config", file),
  },
  "a model's folder": {
    sound: () => CONFIG,
    path: "config.json",
    reading: (_, folder) => triage(TRACE, "--model-config", folder),
  },
  "a server's log": {
    sound: () => "INFO ready\nINFO loaded\n",
    path: "server.log",
    reading: (file) => triage(TRACE, "--server-log", file),
  },
  "a log beside the trace": {
    sound: () => "INFO ready\n",
    path: "run/server.log",
    reading: (file) => triage(dirname(file)),
  },
  "a server's arguments": {
    sound: () => '{"tp_size": 2, "model_path": "m", "quantization": "fp8"}',
    path: "run/server_args.json",
    reading: (file) => triage(dirname(file)),
  },
  "details beside the trace": {
    sound: () => '{"a": 1}',
    path: "run/execution_details.json",
    reading: (file) => triage(dirname(file)),
  },
  "a trace beside another": {
    sound: () => '{"traceEvents": [{"ph": "X", "cat": "kernel", "name": "k", "ts": 1, "dur": 1}]}',
    path: "run/other.trace.json",
    reading: (file) => triage(dirname(file), "--all-ranks"),
  },
  "a stored report": {
    sound: () => report ?? "{}",
    path: "report.json",
    reading: (file) => of("triage", "show", file),
  },
  "a stored report as a page": {
    sound: () => report ?? "{}",
    path: "report.json",
    reading: (file) => of("triage", "show", file, "--format", "html"),
  },
  "one side of a comparison": {
    sound: () => report ?? "{}",
    path: "report.json",
    reading: (file) => of("triage", "diff", file, TRACE),
  },
  "runs of a matrix": {
    sound: () =>
      '{"models": [{"id": "m", "model": "m", "urls": {"vllm": "http://127.0.0.1:9"}}], "stages": ["decode"]}',
    path: "runs.yaml",
    reading: (file) => of("triage", "matrix", file),
  },
  "an analysis to bundle": {
    sound: () => "# Report\n\ntext\n",
    path: "m/analysis_sglang.md",
    reading: (_, folder) => of("triage", "bundle", "--analysis-root", folder),
  },
  "the state of a matrix": {
    sound: () => '{"cells": [{"framework": "vllm", "status": "done", "message": null}]}',
    path: "m/matrix.json",
    reading: (_, folder) => of("triage", "bundle", "--analysis-root", folder),
  },
  "a source to override": {
    sound: () => 'p = torch.profiler.profile(\n    a=1)\nx = "-rank-"\n',
    path: "profiling.py",
    reading: (file, folder) =>
      of("triage", "override-trtllm", file, "--output", join(folder, "out.py")),
  },
  "the record of a capture": {
    sound: () => RECORD,
    path: "run/capture.json",
    reading: (file) =>
      of("triage", "capture", "--resume", "--output-dir", dirname(file), "--trace-timeout", "0"),
  },
  "a rule to format": {
    sound: () => 'fuse 1\n\nlet a = name "*a*"\n',
    path: "a.fuse",
    reading: (file) => of("rules", "fmt", "--check", file),
  },
  "a checkout": {
    sound: () => "__global__ void odd_kernel() {}\n",
    path: "checkout/aten/src/odd.cu",
    reading: (_, folder) =>
      of("rules", "lock", "--checkout", `pytorch=${join(folder, "checkout")}`),
  },
};

/** What can be wrong with a file itself, whoever reads it. */
const ODD_KINDS: Readonly<Record<string, (file: string) => void>> = {
  pipe: (file) => void execFileSync("mkfifo", [file]),
  device: (file) => symlinkSync("/dev/zero", file),
  folder: (file) => mkdirSync(file),
  "link to itself": (file) => symlinkSync(file, file),
  "link to nowhere": (file) => symlinkSync("/no/such/file", file),
  "memory of this process": (file) => symlinkSync("/proc/self/mem", file),
  "the terminal": (file) => symlinkSync("/dev/tty", file),
  "a file of gigabytes": (file) => {
    writeFileSync(file, "");
    truncateSync(file, 2 ** 33);
  },
};

export const SIDE_KINDS: readonly string[] = Object.keys(READERS);

/** Writes a hostile file of a kind into an empty folder; says which command reads it. */
export function hostileSide(
  kind: string,
  folder: string,
  random: Random,
): { readonly what: string; readonly reading: Reading } {
  const { path, reading, sound } = READERS[kind]!;
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  if (path.startsWith("run/"))
    for (const name of readdirSync(TRACE)) cpSync(join(TRACE, name), join(folder, "run", name));
  rmSync(file, { force: true });
  const what = write(file, sound(), random);
  return { what, reading: reading(file, folder) };
}

function write(file: string, sound: string, random: Random): string {
  const chance = random.below(10);
  if (chance < 2) {
    const [name, make] = random.pick(Object.entries(ODD_KINDS));
    make(file);
    return name;
  }
  if (chance < 6 && /^\s*\{/.test(sound)) {
    writeFileSync(file, mutatedJson(sound, random));
    return "odd values";
  }
  if (chance < 7) {
    writeFileSync(file, oddJson(random));
    return "an odd value";
  }
  const [name, make] = random.pick(Object.entries(ODD_FILES));
  writeFileSync(file, make(sound));
  return name;
}
