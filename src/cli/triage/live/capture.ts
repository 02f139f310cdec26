import type { CaptureOptions, CaptureResult } from "../../../capture/capture-options.ts";
import { captureRun, resumeCapture } from "../../../capture/index.ts";
import { EXIT, type ExitCode } from "../../../model/errors.ts";
import type { Command, CommandContext } from "../../command.ts";
import { type OptionSpecs, parseOptions, usage } from "../../options.ts";
import { writeStdout } from "../../terminal/output.ts";
import { remark, type Terminal, toned } from "../../terminal/terminal.ts";
import { assertUnusedFolder, CAPTURE_OPTIONS, readCaptureFlags } from "./capture-options.ts";

const COMMAND = "triage capture";

const OPTIONS = {
  ...CAPTURE_OPTIONS,
  "no-color": { value: null, group: "Other", help: "No colour." },
  help: { value: null, short: "h", group: "Other", help: "This page." },
} as const satisfies OptionSpecs;

/** Profiles a running server; its traces' paths go to stdout. */
export const capture: Command = {
  help: () => ({
    usage: ["triage capture --url URL [options]"],
    summary:
      "Profiles a running SGLang, vLLM, TensorRT-LLM or TokenSpeed server under a short load and waits until every rank's trace is whole. Prints the traces' paths. Only profiles that this command started are stopped.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "triage capture --url http://127.0.0.1:30000 --output-dir run",
          "triage capture --url :8000 --trace-dir /shared/vllm_profile --workload decode",
          "triage capture --resume --output-dir run",
        ],
      },
    ],
  }),
  run,
};

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  if (given.positionals.length > 0)
    throw usage(
      "unexpected-argument",
      `Unexpected ${given.positionals[0]}: name the server with --url.`,
      COMMAND,
    );
  const options = readCaptureFlags(given, COMMAND, process.env);
  const result = given.has("resume")
    ? await context.tidying(() => resumeCapture(options, watching(context)))
    : await captureFresh(options, context);
  await writeStdout(result.traces.map((path) => `${path}\n`).join(""));
  return tellCapture(result, context.terminal, given.has("allow-fewer-steps"));
}

/** A capture into a folder of its own, told on stderr as it goes. */
export async function captureFresh(
  options: CaptureOptions,
  context: CommandContext,
): Promise<CaptureResult> {
  assertUnusedFolder(options.output, COMMAND);
  return context.tidying(() => captureRun(options, watching(context)));
}

export function watching({ terminal, signal }: Pick<CommandContext, "terminal" | "signal">) {
  return {
    signal,
    onProgress: ({ stage, message }: { stage: string | null; message: string }) =>
      remark(`${stage === null ? "" : `${stage}: `}${message}`, terminal),
  };
}

/** Says what was captured; 5 when a stage has fewer steps than asked. */
export function tellCapture(
  result: CaptureResult,
  terminal: Terminal,
  allowsFewer: boolean,
): ExitCode {
  for (const { stage, directory, steps } of result.stages) {
    const counts =
      steps === null
        ? "its traces do not say how many steps"
        : `${steps.prefill} prefill, ${steps.decode} decode, ${steps.mixed} mixed steps`;
    remark(`${stage}: ${counts}, in ${directory}`, terminal);
  }
  for (const note of result.notes) remark(note, terminal);
  for (const shortfall of result.shortfalls)
    process.stderr.write(
      `${toned(allowsFewer ? "note:" : "error:", allowsFewer ? "dim" : "bad", terminal.colorErr)} ${toned(shortfall, "plain", false)}\n`,
    );
  return result.shortfalls.length > 0 && !allowsFewer ? EXIT.captureFailed : EXIT.ok;
}
