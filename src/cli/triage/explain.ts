import { EXIT, type ExitCode } from "../../model/errors.ts";
import { FORMAT_NAMES } from "../../report/document/formats.ts";
import { EXPLANATION_FORMATS } from "../../report/explanation/document.ts";
import type { Command, CommandContext } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import { rulesRead, settled } from "../settings/settled.ts";
import type { HelpPage } from "../terminal/help.ts";
import { isStdout, writeOutput } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { maxBytesOf, readAnalysis, TRIAGE_OPTIONS, traceRoles } from "./triage-options.ts";

const COMMAND = "triage explain";
const DEFAULT_LIMIT = 10;

const OPTIONS = {
  "mapping-input": TRIAGE_OPTIONS["mapping-input"],
  rank: TRIAGE_OPTIONS.rank,
  device: TRIAGE_OPTIONS.device,
  stage: TRIAGE_OPTIONS.stage,
  framework: TRIAGE_OPTIONS.framework,
  model: TRIAGE_OPTIONS.model,
  tp: TRIAGE_OPTIONS.tp,
  gpu: TRIAGE_OPTIONS.gpu,
  "model-config": TRIAGE_OPTIONS["model-config"],
  ...RULE_OPTIONS,
  format: {
    ...TRIAGE_OPTIONS.format,
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  "max-tokens": TRIAGE_OPTIONS["max-tokens"],
  output: TRIAGE_OPTIONS.output,
  limit: {
    value: "N",
    group: "Output",
    help: `Occurrences of a rule listed per stage. Default: ${DEFAULT_LIMIT}.`,
  },
  "no-color": TRIAGE_OPTIONS["no-color"],
  force: TRIAGE_OPTIONS.force,
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

/** Everything behind one row of a report. */
export const explainRowCommand: Command = { help, run };

async function run(
  args: readonly string[],
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const [row, ...inputs] = given.positionals;
  if (row === undefined || row === "" || inputs.length === 0)
    throw usage("no-row", "Which row of which trace? triage explain ROW TRACE", COMMAND);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const limit = read.number("limit", given.text("limit"), WHOLE) ?? DEFAULT_LIMIT;
  const maxBytes = maxBytesOf(given, format, COMMAND);
  const output = given.text("output");
  const mapping = given.all("mapping-input");
  const { analysis } = await settled(given, readAnalysis(given, COMMAND));
  keepInputs(output, [...inputs, ...mapping], rulesRead(analysis));
  const roles = traceRoles(inputs, mapping, []);
  const explanation = await watched(terminal, async (onProgress) => {
    const { explainRow } = await import("../../commands/explain.ts");
    return explainRow(row, limit, { ...analysis, ...roles, onProgress, signal });
  });
  const color = terminal.colorOut && isStdout(output);
  const options = { width: terminal.width, color, maxBytes };
  await writeOutput(EXPLANATION_FORMATS[format](explanation, options), output);
  return EXIT.ok;
}

function help(): HelpPage {
  return {
    usage: ["triage explain ROW TRACE… [options]"],
    summary:
      "Tells everything behind one row of a report. ROW is an action's id (--format json has it), a rule's id or a kernel's name as a table shows it, in full, or a part that only one of them has. Of a kernel: names, what decided its category, how its durations spread, sites with the Python stack of a launch, neighbours, what runs in parallel, findings. Of a rule: sources, guards and how each fact was known, patterns and what stopped them, occurrences and what each saves at most. Of an action: its kernels launch by launch, the idle time it takes, and the step before and after.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "triage explain fused_add_rms_norm profile/TP-0.trace.json.gz",
          "triage explain tp-allreduce-add-rmsnorm profile/ --stage decode --limit 3",
          "triage explain rmsnorm_kernel profile/ --format json | jq '.kernels[].sites[].stack'",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    explained",
          "2    wrong usage, no such row, or several that could be meant (they are listed)",
          "3    a trace cannot be read or is none",
          "4    the rules are not valid",
        ],
      },
    ],
  };
}
