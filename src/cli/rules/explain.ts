import type { TraceExplanation } from "../../commands/rules/explain.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { FRAMEWORKS, STAGES } from "../../model/framework.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../model/options.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import type { Command, CommandContext } from "../command.ts";
import { helpText } from "../help.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { writeStdout } from "../output.ts";
import { watched } from "../progress.ts";
import { type Terminal, toned } from "../terminal.ts";
import { COMMON_OPTIONS, RULES_OPTION, rulesFolder, unknownRule } from "./rules-options.ts";

const COMMAND = "rules explain";
const OUTPUT_FORMATS = ["text", "json"] as const;

const OPTIONS = {
  rules: RULES_OPTION,
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
  format: { value: "FORMAT", short: "f", group: "Output", help: "text, json. Default: text." },
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
  const format = read.choice("format", given.text("format"), OUTPUT_FORMATS) ?? "text";
  const found = await explainWatched(id, context, {
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs,
    mapping: given.all("mapping-input"),
    rulesPath: rulesFolder(given),
    rank: read.number("rank", given.text("rank"), WHOLE),
    stage: read.choice("stage", given.text("stage"), STAGES),
    framework: read.choice("framework", given.text("framework"), [...FRAMEWORKS, "unknown"]),
    model: given.text("model"),
    tp: read.number("tp", given.text("tp"), { ...WHOLE, min: 1 }),
  });
  await writeStdout(format === "json" ? asJson(found) : asText(found, context.terminal));
  return EXIT.ok;
}

async function explainWatched(
  id: string,
  { terminal, signal }: CommandContext,
  options: AnalyzeOptions,
): Promise<TraceExplanation[]> {
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

function asJson(found: readonly TraceExplanation[]): string {
  const explanations = found.map(({ path, explanation }) => ({ path, ...explanation }));
  return inertJson(`${JSON.stringify({ schemaVersion: 1, explanations }, null, 2)}\n`);
}

function asText(found: readonly TraceExplanation[], { colorOut }: Terminal): string {
  if (found.length === 0) return "The trace has no kernels in that stage.\n";
  const isOne = new Set(found.map(({ path }) => path)).size === 1;
  return found
    .map(({ path, text }) => {
      const head = isOne ? "" : `${toned(path, "strong", colorOut)}\n`;
      const lines = text.trimEnd().split("\n").map(inert);
      return `${head}${lines.join("\n")}\n`;
    })
    .join("\n");
}

function help(terminal: Terminal): string {
  return helpText(
    {
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
    },
    terminal.width,
    terminal.colorOut,
  );
}
