import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { TRIAGE } from "../../../src/cli/triage/program.ts";
import type { FrameworkId } from "../../../src/model/framework.ts";
import {
  double,
  launchedDouble,
  SPEED,
  scratchFolder,
} from "../../support/doubles/capture-from.ts";
import { triageHere } from "./run-in-process.ts";

vi.mock("../../../src/capture/net/clock.ts", async (original) => {
  const clock = await original<typeof import("../../../src/capture/net/clock.ts")>();
  return { ...clock, machineClock: () => clock.machineClock(SPEED, 4) };
});

const EXAMPLE = "examples/sglang-tp2-decode";

/** Scripts of older tools and the command that each is handed on to. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  "analyze_llm_torch_profile.py": [],
  "analyze_sglang_torch_profile.py": [],
  "render_triage_markdown_bundle.py": ["bundle"],
  "make_trtllm_py_executor_override.py": ["override-trtllm"],
};

/** Command lines of each kind that older habits write. */
const OWN = [
  "SCRIPT --input TRACE --kernel-table-limit 3",
  "SCRIPT --framework sglang --url URL --output-dir RUN --num-steps 3 --profile-by-stage --merge-profiles",
  "SCRIPT --framework sglang --url URL --output-dir RUN --profile-workload legacy --probe-prompt Hi --probe-max-new-tokens 20 --probe-requests 2 --probe-delay 0.5",
  "SCRIPT --framework vllm --url URL --output-dir RUN --num-steps 2 --no-profile-by-stage",
  "SCRIPT triage --framework sglang --mapping-url URL --formal-url URL --mapping-output-dir A --formal-output-dir B --num-steps 2",
  "render_triage_markdown_bundle.py --analysis-root RUNS --no-include-toc --output bundle.md",
];

const SHARED = "../shared/cases/command-lines.txt";
const shared = existsSync(SHARED)
  ? readFileSync(SHARED, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
  : [];

describe("command lines of older tools run to their end", () => {
  test.each([...OWN, ...shared])(
    "%s",
    async (line) => {
      const args = await argumentsOf(line);
      const [first = ""] = args;
      const isCommand = first in TRIAGE.commands;
      const name = isCommand ? first : "triage";
      const { code, out, err } = await triageHere(name, ...(isCommand ? args.slice(1) : args));
      expect(err).not.toContain("usage/");
      expect(code).toBe(0);
      const output = args[args.indexOf("--output") + 1];
      if (args.includes("--output")) expect(readFileSync(output!, "utf8")).not.toBe("");
      else expect(out).toContain("Kernels");
    },
    60_000,
  );
});

/** The words of a line with folders, traces and servers put in for the placeholders. */
async function argumentsOf(line: string): Promise<string[]> {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const framework = (words[words.indexOf("--framework") + 1] ?? "sglang") as FrameworkId;
  const folder = scratchFolder();
  mkdirSync(join(folder, "RUNS", "model"), { recursive: true });
  writeFileSync(join(folder, "RUNS", "model", "analysis_sglang.txt"), "Triage View\n");
  writeFileSync(
    join(folder, "py_executor.py"),
    "import torch\nwith torch.profiler.profile(record_shapes=True, with_modules=True) as p:\n    pass\n",
  );
  const [script, ...rest] = words;
  const args = [...(SCRIPTS[script!] ?? [])];
  for (const word of rest) {
    if (/^(?:URL|http:)/.test(word)) args.push(await serverFor(framework, args));
    else if (/TRACE|GRAPH_O/.test(word)) args.push(EXAMPLE);
    else if (/^(?:RUN|RUNS|A|B|[\w-]+\.(?:py|md))$/.test(word)) args.push(join(folder, word));
    else args.push(word);
  }
  const isLive = args.some((arg) => arg.endsWith("url"));
  // Without a folder of its own a run would land in the working directory.
  if (isLive && !args.some((arg) => arg.endsWith("output-dir")))
    args.push("--output-dir", join(folder, "run"));
  if (isLive) args.push("--quiet-period", "1");
  return args;
}

/** A server of the framework; one whose folder is fixed at launch is told which by another option. */
async function serverFor(framework: FrameworkId, args: string[]): Promise<string> {
  const role = /^--(mapping|formal)-url$/.exec(args.at(-1)!)?.[1];
  if (framework !== "vllm") return (await double({ framework })).url;
  const launched = await launchedDouble({ framework });
  const option = role === undefined ? "--trace-dir" : `--${role}-trace-dir`;
  args.splice(-1, 0, option, launched.traceDir);
  return launched.double.url;
}

test.each(Object.entries(SCRIPTS))("%s hands its arguments on", (script, command) => {
  if (spawnSync("python3", ["--version"]).status !== 0) return;
  const folder = scratchFolder();
  cpSync("forwards", join(folder, "forwards"), { recursive: true });
  mkdirSync(join(folder, "bin"));
  const program = join(folder, "bin", "triage");
  writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 6\n');
  chmodSync(program, 0o755);
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` };
  const path = join(folder, "forwards", script);
  const { status, stdout } = spawnSync("python3", [path, "--title", "a b"], { env });
  expect(stdout.toString()).toBe([...command, "--title", "a b", ""].join("\n"));
  expect(status).toBe(6);
});
