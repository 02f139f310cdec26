import { refuseDiffusersRuns } from "../../capture/diffusion-gate.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { AnalyzeResult } from "../../model/options.ts";
import type { FormatName } from "../../report/document/formats.ts";
import { renderReports } from "../../report/render-reports.ts";
import { type Command, type CommandContext, commandLines, type Program } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { parseOptions, usage } from "../options.ts";
import { rulesRead, settled } from "../settings/settled.ts";
import type { HelpPage } from "../terminal/help.ts";
import { isStdout, writeOutput } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { errorFor, remark, type Terminal, tellFailed } from "../terminal/terminal.ts";
import {
  COMMAND,
  readTriageOptions,
  TRIAGE_OPTIONS,
  type TriageOptions,
} from "./triage-options.ts";

/** Traces in, one report out. */
export const triageTraces: Command = { help, run };

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  if (!asksForCapture(args)) return triage(args, context);
  const { triageLive } = await import("./live/triage-live.ts");
  return triageLive(args, context, (traces) => triage(traces, context));
}

async function triage(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const options = await triageSettled(args);
  refusePageOnTerminal(options);
  const { inputs, mapping, formal, force } = options.analyze;
  // Nothing lies beside standard input.
  const files = [...inputs, ...mapping, ...formal].filter((path) => path !== "-");
  const remarks = force ? [] : await refuseDiffusersRuns(options.serverLogs, files);
  for (const text of remarks) remark(text, context.terminal);
  const { gpu, modelConfig } = options.analyze;
  const beside = [gpu, modelConfig].filter((path) => path !== null);
  keepInputs(
    options.output,
    [...inputs, ...mapping, ...formal, ...options.serverLogs, ...beside],
    rulesRead(options.analyze),
  );
  const result = await analyzeWatched(options, context);
  keepInputs(options.output, filesRead(result));
  await write(result, options, context);
  const gates = tellGates(result, context.terminal);
  return tellFailures(result, context.terminal) ?? gates;
}

/** With the settings that hold here; what the command line says goes before. */
async function triageSettled(args: readonly string[]): Promise<TriageOptions> {
  const options = readTriageOptions(args);
  const given = parseOptions(args, TRIAGE_OPTIONS, COMMAND);
  const { analysis, cuts } = await settled(given, options.analyze);
  const { limits } = options;
  return {
    ...options,
    analyze: analysis,
    limits: {
      kernels: limits.kernels ?? cuts?.kernels ?? null,
      overlap: limits.overlap ?? cuts?.overlap ?? null,
      fuse: limits.fuse ?? cuts?.fuse ?? null,
    },
  };
}

function filesRead({ reports }: AnalyzeResult): string[] {
  return reports.flatMap(({ traces, serverArgsPath }) => [
    ...traces.map(({ path }) => path),
    ...(serverArgsPath === null ? [] : [serverArgsPath]),
  ]);
}

/** Before the trace is read: half a minute for a screen of markup would help nobody. */
function refusePageOnTerminal({ format, output }: TriageOptions): void {
  if (format === "html" && isStdout(output) && process.stdout.isTTY === true)
    throw usage("page-on-terminal", "A page is for a browser: add --output report.html.", COMMAND);
}

async function analyzeWatched(
  { analyze: analyzeOptions }: TriageOptions,
  { terminal, signal }: CommandContext,
): Promise<AnalyzeResult> {
  return watched(terminal, async (onProgress) => {
    // Loaded late: help and usage errors answer at once.
    const { analyze } = await import("../../commands/triage.ts");
    return analyze({ ...analyzeOptions, onProgress, signal });
  });
}

async function write(
  result: AnalyzeResult,
  options: TriageOptions,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { format, output, full } = options;
  if (format !== "perfetto") return writeOutput(render(result, format, options, terminal), output);
  const { perfettoTrace } = await import("../../commands/perfetto.ts");
  const { writePieces } = await import("../terminal/output-pieces.ts");
  return writePieces(perfettoTrace(result, full), output, signal);
}

function render(
  { reports, nearMisses }: AnalyzeResult,
  format: FormatName,
  { output, limits, order, byShape, maxBytes }: TriageOptions,
  terminal: Terminal,
): string {
  return renderReports(reports, format, {
    width: terminal.width,
    color: terminal.colorOut && isStdout(output),
    maxBytes,
    limits,
    nearMisses,
    order,
    byShape,
  });
}

function tellGates({ gates }: AnalyzeResult, terminal: Terminal): ExitCode {
  const failed = gates.filter((gate) => gate.failed);
  for (const { id, reason } of failed) tellFailed("gate", `${id}: ${reason}`, terminal);
  return failed.length > 0 ? EXIT.gateFailed : EXIT.ok;
}

/** Ranks that gave no report: said after those that did. */
function tellFailures({ failures }: AnalyzeResult, terminal: Terminal): ExitCode | null {
  for (const failure of failures) process.stderr.write(`${errorFor(terminal, failure).text}\n`);
  return failures[0]?.exit ?? null;
}

function help(program: Program): HelpPage {
  const page = {
    usage: ["triage [triage] TRACE… [options]"],
    summary:
      "Reads torch.profiler traces of LLM serving engines and prints, per stage, the kernels with the Python code that launches them, what could overlap, and which fused paths are used or missed, each with its source.",
    options: TRIAGE_OPTIONS,
    sections: [
      LIVE_HELP,
      { title: "Commands", lines: commandLines(program) },
      {
        title: "Examples",
        lines: [
          "triage profile/TP-0.trace.json.gz",
          "triage profile/ --rank 3 --format markdown --output report.md",
          "triage profile/ --format html --output report.html",
          "triage graph_run/ --mapping-input eager_run/ --min-share 0.5",
          "triage profile/ --format json | jq '.stages[].fuse[].rule'",
          "triage profile/TP-0.trace.json.gz --format perfetto --output findings.json.gz",
          "aws s3 cp s3://bucket/TP-0.trace.json.gz - | triage -",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    the report was printed",
          "1    a gate of --fail-on failed (the report was printed)",
          "2    wrong usage, or the output cannot be written",
          "3    a trace cannot be read or is none (of --all-ranks the others' reports were printed)",
          "4    the rules are not valid",
          "5    capturing failed",
          "6    refused: the trace is no evidence (see --force)",
          "70   a fault of the program",
          "130  interrupted",
        ],
      },
    ],
  };
  return page;
}

const URLS = ["--url", "--mapping-url", "--formal-url"];

/** What `triage --help` says of triaging a running server. */
const LIVE_HELP = {
  title: "Running servers",
  lines: [
    "triage --url http://127.0.0.1:30000              capture, then triage",
    "triage --mapping-url URL --formal-url URL        two servers, one without graphs",
    "All options of triage capture apply; see triage capture --help.",
  ],
};

/** True when the arguments name a server rather than traces. */
function asksForCapture(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.some((arg) => URLS.some((url) => arg === url || arg.startsWith(`${url}=`)));
}
