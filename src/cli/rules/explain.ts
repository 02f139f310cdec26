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
import { analysisRules, COMMON_OPTIONS, rulesTogether } from "./rules-options.ts";

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

/** Formats of a rule by itself, which is written in Markdown. */
const WITHOUT_TRACE: readonly string[] = ["text", "markdown", "brief"];

/** What a rule says, and, on a trace, why it matched or which clause stopped it. */
export const explain: Command = { help, run };

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const [id, ...inputs] = given.positionals;
  if (id === undefined)
    throw usage("no-rule", "Which rule? rules explain RULE, or rules explain RULE TRACE", COMMAND);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const output = given.text("output");
  if (inputs.length === 0) {
    if (!WITHOUT_TRACE.includes(format))
      throw usage(
        "no-trace",
        `${format} is the answer of a trace: rules explain ${id} TRACE. Of the rule alone there is rules list ${id} --format json.`,
        COMMAND,
      );
    const { describeRule } = await import("../../commands/rules/describe.ts");
    await writeOutput(await describeRule(id, await rulesTogether(given)), output);
    return EXIT.ok;
  }
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
    usage: ["rules explain RULE [options]", "rules explain RULE TRACE… [options]"],
    summary:
      "Shows one rule: its patterns, when it applies, its sources and advice. With a trace it runs the rule and shows, stage by stage, each guard with the fact it met, how many kernels each step found, how often each pattern occurred, and what stopped it where it nearly did.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules explain tp-allreduce-add-rmsnorm",
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
