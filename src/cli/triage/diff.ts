import { parseBudget } from "../../diff/budgets.ts";
import { parseDiffGate } from "../../diff/gates.ts";
import { DEFAULT_THRESHOLDS } from "../../diff/noise.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { DIFF_FORMATS } from "../../report/diff/document.ts";
import { FORMAT_NAMES } from "../../report/document/formats.ts";
import type { Command, CommandContext } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import { rulesRead, settled } from "../settings/settled.ts";
import { isStdout, writeOutput } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { tellFailed } from "../terminal/terminal.ts";
import { maxBytesOf, readAnalysis, TRIAGE_OPTIONS } from "./triage-options.ts";

const COMMAND = "triage diff";

const OPTIONS = {
  budget: {
    value: "BUDGET",
    multiple: true,
    group: "Judging",
    help: "Exit with 1 when [STAGE.]METRIC<=+2% (or <=12ms, <+0.5us) does not hold. May be given several times.",
  },
  "fail-on": {
    value: "GATE",
    multiple: true,
    group: "Judging",
    help: "Exit with 1 on regression, kernel-slower, rule-lost, idle-grown, inconclusive or doubtful; GATE>2% and GATE>3 set a limit.",
  },
  "min-change": {
    value: "PERCENT",
    group: "Judging",
    help: `Smaller changes are negligible. Default: ${DEFAULT_THRESHOLDS.minChangePct}.`,
  },
  rank: TRIAGE_OPTIONS.rank,
  device: TRIAGE_OPTIONS.device,
  "pid-substring": TRIAGE_OPTIONS["pid-substring"],
  stage: TRIAGE_OPTIONS.stage,
  framework: TRIAGE_OPTIONS.framework,
  model: TRIAGE_OPTIONS.model,
  tp: TRIAGE_OPTIONS.tp,
  gpu: TRIAGE_OPTIONS.gpu,
  "model-config": TRIAGE_OPTIONS["model-config"],
  ...RULE_OPTIONS,
  reader: TRIAGE_OPTIONS.reader,
  "max-bytes": TRIAGE_OPTIONS["max-bytes"],
  "min-share": {
    ...TRIAGE_OPTIONS["min-share"],
    help: "Compare no rows below this share of a stage's GPU time. Default: 0, or what a report was written with.",
  },
  format: {
    value: "FORMAT",
    short: "f",
    group: "Output",
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  "max-tokens": TRIAGE_OPTIONS["max-tokens"],
  output: TRIAGE_OPTIONS.output,
  "no-color": TRIAGE_OPTIONS["no-color"],
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

/** Two traces or reports in, what changed beyond noise out. */
export const diff: Command = {
  help: () => ({
    usage: ["triage diff BEFORE AFTER [options]"],
    summary:
      "Compares two traces, or reports written by --format json: what got slower or faster beyond noise, which kernels were replaced, which fused paths were lost, per stage and step.",
    options: OPTIONS,
    sections: [
      {
        title: "Budgets",
        lines: [
          "STAGE   prefill (or extend), decode, mixed, all; without one every common stage",
          "METRIC  stepTime, gpuTime, busy, idle, exposedComm, kernel:NAME; medians of a step",
          "Limit   +2% and +0.5ms limit the change, 12ms the time after; <= < >= >",
        ],
      },
      {
        title: "Examples",
        lines: [
          "triage diff before/ after/",
          "triage diff main.json branch.json --format markdown --output diff.md",
          'triage diff main.json branch/ --budget "decode.gpuTime<=+2%" --fail-on rule-lost',
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    the comparison was printed",
          "1    a budget or a gate of --fail-on failed (the comparison was printed)",
          "2    wrong usage, or the output cannot be written",
          "3    a trace or report cannot be read or is none",
          "4    the rules are not valid",
        ],
      },
    ],
  }),
  run,
};

async function run(
  args: readonly string[],
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const [before, after, ...more] = given.positionals;
  if (before === undefined || after === undefined || more.length > 0)
    throw usage("two-sides", "Name two traces or reports: BEFORE and AFTER.", COMMAND);
  const read = valueReader(COMMAND);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const percentages = { min: 0, max: 100, isWhole: false };
  const minChangePct =
    read.number("min-change", given.text("min-change"), percentages) ??
    DEFAULT_THRESHOLDS.minChangePct;
  const { analysis } = await settled(given, readAnalysis(given, COMMAND));
  const budgets = given.all("budget").map(parseBudget);
  const gates = given.all("fail-on").map(parseDiffGate);
  const maxBytes = maxBytesOf(given, format, COMMAND);
  const output = given.text("output");
  keepInputs(output, [before, after], rulesRead(analysis));
  const found = await watched(terminal, async (onProgress) => {
    const { diffSides } = await import("../../commands/diff.ts");
    return diffSides({
      ...{ before, after, budgets, gates },
      thresholds: { ...DEFAULT_THRESHOLDS, minChangePct },
      analyze: {
        ...analysis,
        // All rows, unless told otherwise; the gates are this command's own.
        minSharePct: given.text("min-share") === null ? 0 : analysis.minSharePct,
        failOn: [],
        onProgress,
        signal,
      },
    });
  });
  const failedGates = found.gates
    .filter(({ failed }) => failed)
    .map(({ id, reason }) => `${id}: ${reason}`);
  const failedBudgets = found.diff.budgets
    .filter(({ failed }) => failed)
    .map(({ budget, reason }) => `${budget}: ${reason}`);
  const text = DIFF_FORMATS[format](found.diff, {
    width: terminal.width,
    color: terminal.colorOut && isStdout(output),
    failures: failedGates,
    maxBytes,
  });
  await writeOutput(text, output);
  for (const words of failedBudgets) tellFailed("budget", words, terminal);
  for (const words of failedGates) tellFailed("gate", words, terminal);
  return failedBudgets.length + failedGates.length > 0 ? EXIT.gateFailed : EXIT.ok;
}
