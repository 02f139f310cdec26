import { EXIT, type ExitCode } from "../../model/errors.ts";
import { FRAMEWORKS, type StageName } from "../../model/framework.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../model/options.ts";
import type { RowExplanation } from "../../model/row-explanation.ts";
import {
  EXPLANATION_FORMATS,
  type ExplanationFormat,
} from "../../report/explanation/render-explanation.ts";
import { bundledRules } from "../bundled-rules.ts";
import type { Command, CommandContext } from "../command.ts";
import { helpText } from "../help.ts";
import { keepInputs } from "../keep-inputs.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { writeOutput } from "../output.ts";
import { progressLine } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { TRIAGE_OPTIONS } from "./triage-options.ts";

const COMMAND = "triage explain";
const FORMAT_NAMES = Object.keys(EXPLANATION_FORMATS) as ExplanationFormat[];
const STAGE_NAMES = ["prefill", "extend", "decode", "mixed", "all"] as const;
const DEFAULT_LIMIT = 10;

const {
  rank,
  device,
  stage,
  framework,
  model,
  tp,
  rules,
  output,
  force,
  help: page,
} = TRIAGE_OPTIONS;
const OPTIONS = {
  "mapping-input": TRIAGE_OPTIONS["mapping-input"],
  rank,
  device,
  stage,
  framework,
  model,
  tp,
  rules,
  format: {
    value: "FORMAT",
    short: "f",
    group: "Output",
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  output,
  limit: {
    value: "N",
    group: "Output",
    help: `Occurrences of a rule listed per stage. Default: ${DEFAULT_LIMIT}.`,
  },
  "no-color": TRIAGE_OPTIONS["no-color"],
  force,
  help: page,
} as const satisfies OptionSpecs;

/** Everything behind one row of a report. */
export const explainRowCommand: Command = { help, run };

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const [row, ...inputs] = given.positionals;
  if (row === undefined || row === "" || inputs.length === 0)
    throw usage("no-row", "Which row of which trace? triage explain ROW TRACE", COMMAND);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const limit = read.number("limit", given.text("limit"), WHOLE) ?? DEFAULT_LIMIT;
  const file = given.text("output");
  const mapping = given.all("mapping-input");
  keepInputs(file, [...inputs, ...mapping]);
  const explanation = await explainWatched(row, limit, context, {
    ...DEFAULT_ANALYZE_OPTIONS,
    ...(mapping.length === 0 ? { inputs } : { inputs: [], mapping, formal: inputs }),
    rulesPath: given.text("rules") ?? bundledRules(),
    rank: read.number("rank", given.text("rank"), WHOLE),
    device: read.number("device", given.text("device"), WHOLE),
    stage: stageName(read.choice("stage", given.text("stage"), STAGE_NAMES)),
    framework: read.choice("framework", given.text("framework"), [...FRAMEWORKS, "unknown"]),
    model: given.text("model"),
    tp: read.number("tp", given.text("tp"), { ...WHOLE, min: 1 }),
    force: given.has("force"),
  });
  const isToFile = file !== null && file !== "-";
  const { width, colorOut } = context.terminal;
  const options = { width, color: colorOut && !isToFile };
  await writeOutput(EXPLANATION_FORMATS[format](explanation, options), file);
  return EXIT.ok;
}

async function explainWatched(
  row: string,
  limit: number,
  { terminal, signal }: CommandContext,
  options: AnalyzeOptions,
): Promise<RowExplanation> {
  const progress = progressLine(terminal);
  try {
    const { explainRow } = await import("../../explain-row.ts");
    return await explainRow(row, limit, { ...options, onProgress: progress.onProgress, signal });
  } finally {
    progress.stop();
  }
}

/** As for triage: SGLang says extend where others say prefill, and "all" is no filter. */
function stageName(given: (typeof STAGE_NAMES)[number] | null): StageName | null {
  if (given === null || given === "all") return null;
  return given === "extend" ? "prefill" : given;
}

function help(terminal: Terminal): string {
  return helpText(
    {
      usage: ["triage explain ROW TRACE… [options]"],
      summary:
        "Tells everything behind one row of a report. ROW is a rule's id or a kernel's name as a table shows it, in full, or a part that only one of them has. Of a kernel: names, what decided its category, how its durations spread, sites with the Python stack of a launch, neighbours, what runs in parallel, findings. Of a rule: sources, guards and how each fact was known, patterns and what stopped them, occurrences and what each saves at most.",
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
    },
    terminal.width,
    terminal.colorOut,
  );
}
