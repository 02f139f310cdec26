import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { readSideText } from "../../../base/files/side-file.ts";
import {
  DEFAULT_MATRIX_OPTIONS,
  type MatrixCell,
  type MatrixHooks,
  runMatrix,
} from "../../../capture/matrix/index.ts";
import { type MatrixConfig, parseMatrixConfig } from "../../../capture/matrix/matrix-config.ts";
import { EXIT, type ExitCode, TriageError } from "../../../model/errors.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../../model/options.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../../report/renderer.ts";
import type { Command, CommandContext } from "../../command.ts";
import { type OptionSpecs, parseOptions, usage } from "../../options.ts";
import { RULE_OPTIONS } from "../../settings/rule-options.ts";
import { settled } from "../../settings/settled.ts";
import { writeOutput, writeStdout } from "../../terminal/output.ts";
import { remark } from "../../terminal/terminal.ts";
import { watching } from "./capture.ts";
import { apiKeyOf, SERVER_OPTIONS } from "./capture-options.ts";

const COMMAND = "triage matrix";

const OPTIONS = {
  "output-dir": {
    value: "DIR",
    group: "Runs",
    help: "Holds a folder per model. Default: the folder of the configuration.",
  },
  again: { value: null, group: "Runs", help: "Also do what an earlier run has finished." },
  ...RULE_OPTIONS,
  "api-key": SERVER_OPTIONS["api-key"],
  "no-color": { value: null, group: "Other", help: "No colour." },
  help: { value: null, short: "h", group: "Other", help: "This page." },
} as const satisfies OptionSpecs;

/** Models × frameworks × stages from one configuration. */
export const matrix: Command = {
  help: () => ({
    usage: ["triage matrix CONFIG.yaml [options]"],
    summary:
      "Captures and triages every model on every framework of a configuration, on servers that run or that it launches. A cell that fails is told and the rest goes on; what is finished is not done again.",
    options: OPTIONS,
    sections: [
      {
        title: "Configuration",
        lines: [
          "models:",
          "  - id: qwen3-32b                 # names its folder",
          "    model: Qwen/Qwen3-32B",
          "    tp: 8",
          '    urls: { sglang: "http://127.0.0.1:30000" }       # servers that run',
          "    traceDirs: { vllm: /shared/vllm_profile }        # where such a vLLM writes",
          "servers:                          # servers to launch",
          "  vllm:",
          "    port: 8001",
          '    launch: [vllm, serve, "{model}", --port, "{port}", -tp, "{tp}", --profiler-config,',
          `             '{"profiler":"torch","torch_profiler_dir":"{traces}"}']`,
          "    mapping: { launch: [ … --enforce-eager ] }       # lends its Python sites",
          "stages: [prefill, decode]",
          "workload: { activeSteps: 5, warmupSteps: 10 }",
        ],
      },
    ],
  }),
  run,
};

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const [path] = given.positionals;
  if (path === undefined) throw usage("no-config", "No configuration: name a YAML file.", COMMAND);
  const config = readConfig(path);
  const output = given.text("output-dir") ?? dirname(path);
  mkdirSync(output, { recursive: true });
  const hooks: MatrixHooks = {
    ...watching(context),
    // Only while a server runs for us: a signal ends the analysis behind it at once.
    recording: context.tidying,
    analyse: analyseWith(await settled(given, DEFAULT_ANALYZE_OPTIONS), context),
  };
  const apiKey = apiKeyOf(given.text("api-key"), process.env);
  const options = {
    ...DEFAULT_MATRIX_OPTIONS,
    output,
    again: given.has("again"),
    apiKey,
    env: process.env,
  };
  const cells = await runMatrix(config, options, hooks);
  await writeStdout(cells.map(cellLine).join(""));
  if (cells.some(({ status }) => status !== "failed"))
    remark(`one document of them: triage bundle --analysis-root ${output}`, context.terminal);
  return cells.some(({ status }) => status === "failed") ? EXIT.captureFailed : EXIT.ok;
}

function readConfig(path: string): MatrixConfig {
  let text: string;
  try {
    text = readSideText(path);
  } catch (cause) {
    throw unusable(`it cannot be read: ${cause instanceof Error ? cause.message : cause}`, path);
  }
  const { config, diagnostics } = parseMatrixConfig(text, path);
  if (config !== null) return config;
  const [first, ...others] = diagnostics;
  const places = others.map(({ range, message }) => `${range.line}:${range.column} ${message}`);
  const message = [first!.message, ...places].join("; ");
  throw unusable(message, `${path}:${first!.range.line}:${first!.range.column}`);
}

function unusable(message: string, place: string): TriageError {
  const hint = `Correct the configuration; ${COMMAND} --help shows one.`;
  return new TriageError({ code: "matrix/config", exit: EXIT.usage, message, place, hint });
}

/** Formal and mapping traces in, a Markdown report out. */
function analyseWith(
  { analysis }: Awaited<ReturnType<typeof settled<typeof DEFAULT_ANALYZE_OPTIONS>>>,
  { signal }: CommandContext,
): MatrixHooks["analyse"] {
  return async ({ formal, mapping }, reportPath) => {
    const [{ analyze }, { renderReports }] = await Promise.all([
      import("../../../commands/triage.ts"),
      import("../../../report/render-reports.ts"),
    ]);
    const traces =
      mapping === null
        ? { inputs: [formal] }
        : { inputs: [], mapping: [mapping], formal: [formal] };
    const { reports } = await analyze({ ...analysis, ...traces, signal });
    await writeOutput(renderReports(reports, "markdown", DEFAULT_RENDER_OPTIONS), reportPath);
  };
}

function cellLine({ model, framework, status, resumed, message, reportPath }: MatrixCell): string {
  const what =
    status === "failed" ? `failed: ${message}` : `${reportPath}${resumed ? " (done before)" : ""}`;
  return `${join(model, framework)}\t${what}\n`;
}
