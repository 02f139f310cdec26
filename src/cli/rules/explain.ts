import { unknownRule } from "../../commands/rules/unknown-rule.ts";
import type { RuleExplanation } from "../../model/contracts/rule-explanation.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { FRAMEWORKS, STAGES } from "../../model/framework.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../model/options.ts";
import { FORMAT_NAMES } from "../../report/document/formats.ts";
import { RULE_EXPLANATION_FORMATS } from "../../report/explanation/document.ts";
import type { Command, CommandContext } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { isStdout, writeOutput } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { analysisRules, COMMON_OPTIONS } from "./rules-options.ts";

const COMMAND = "rules explain";

const OPTIONS = {
  ...RULE_OPTIONS,
  "mapping-input": {
    value: "PATH",
    multiple: true,
    group: "Trace",
    help: "Trace that lends its Python sites to graph replays, as for triage.",
  },
  rank: { value: "N", group: "Trace", help: "Rank where there are several. Default: the lowest." },
  stage: { value: "STAGE", group: "Trace", help: "Only this stage: prefill, decode, mixed, all." },
  framework: {
    value: "NAME",
    group: "Facts",
    help: `Serving engine, when the trace does not tell: ${FRAMEWORKS.join(", ")}, unknown.`,
  },
  model: { value: "NAME", group: "Facts", help: "Model path or name, when nothing tells." },
  tp: { value: "N", group: "Facts", help: "Tensor-parallel size, when nothing tells." },
  format: {
    value: "FORMAT",
    short: "f",
    group: "Output",
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  output: {
    value: "FILE",
    short: "o",
    group: "Output",
    help: "Write there. Default: standard output.",
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Why a rule matched a trace, or which clause stopped it. */
export const explain: Command = { help, run };

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const [id, ...inputs] = given.positionals;
  if (id === undefined || inputs.length === 0)
    throw usage("no-trace", "Which rule on which trace? rules explain RULE TRACE", COMMAND);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const output = given.text("output");
  const mapping = given.all("mapping-input");
  keepInputs(output, [...inputs, ...mapping]);
  const found = await explainWatched(id, context, {
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs,
    mapping,
    ...(await analysisRules(given)),
    rank: read.number("rank", given.text("rank"), WHOLE),
    stage: read.choice("stage", given.text("stage"), STAGES),
    framework: read.choice("framework", given.text("framework"), [...FRAMEWORKS, "unknown"]),
    model: given.text("model"),
    tp: read.number("tp", given.text("tp"), { ...WHOLE, min: 1 }),
  });
  const { terminal } = context;
  const options = { width: terminal.width, color: terminal.colorOut && isStdout(output) };
  await writeOutput(RULE_EXPLANATION_FORMATS[format](found, options), output);
  return EXIT.ok;
}

async function explainWatched(
  id: string,
  { terminal, signal }: CommandContext,
  options: AnalyzeOptions,
): Promise<RuleExplanation> {
  return watched(terminal, async (onProgress) => {
    const { explainOnTraces } = await import("../../commands/rules/explain.ts");
    return explainOnTraces(
      ({ ruleSet }) => {
        const rule = ruleSet.rules.find((one) => one.id === id);
        if (rule === undefined)
          throw unknownRule(
            id,
            ruleSet.rules.map((one) => one.id),
          );
        return rule;
      },
      { ...options, onProgress, signal },
    );
  });
}

function help(): HelpPage {
  return {
    usage: ["rules explain RULE TRACE… [options]"],
    summary:
      "Runs one rule on a trace and shows, stage by stage, each guard with the fact it met, how many kernels each step found, how often each pattern occurred, and what stopped it where it nearly did.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules explain tp-allreduce-add-rmsnorm profile/TP-0.trace.json.gz",
          "rules explain silu-and-mul profile/ --stage decode --tp 8",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    explained",
          "2    wrong usage, or no such rule",
          "3    the trace cannot be read or is none",
          "4    the rules are not valid",
        ],
      },
    ],
  };
}
