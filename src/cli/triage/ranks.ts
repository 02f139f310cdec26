import type { RanksReport } from "../../model/contracts/ranks.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { FORMAT_NAMES } from "../../report/document/formats.ts";
import { inert } from "../../report/document/inert.ts";
import { RANKS_FORMATS } from "../../report/ranks/document.ts";
import type { Command, CommandContext } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import { rulesRead, settled } from "../settings/settled.ts";
import { isStdout, writeOutput } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { maxBytesOf, readAnalysis, TRIAGE_OPTIONS } from "./triage-options.ts";

const COMMAND = "triage ranks";

const OPTIONS = {
  stage: TRIAGE_OPTIONS.stage,
  "ranks-per-node": {
    value: "N",
    group: "Facts",
    help: "Ranks 0 to N-1 run on the first node, the next N on the second and so on. Default: what hosts, folders or devices tell.",
  },
  framework: TRIAGE_OPTIONS.framework,
  ...RULE_OPTIONS,
  format: {
    ...TRIAGE_OPTIONS.format,
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: text.`,
  },
  "max-tokens": TRIAGE_OPTIONS["max-tokens"],
  output: TRIAGE_OPTIONS.output,
  "no-color": TRIAGE_OPTIONS["no-color"],
  reader: TRIAGE_OPTIONS.reader,
  "max-bytes": TRIAGE_OPTIONS["max-bytes"],
  jobs: {
    ...TRIAGE_OPTIONS.jobs,
    help: "Ranks read at a time. Default: as many as there are cores and memory for.",
  },
  "max-memory": TRIAGE_OPTIONS["max-memory"],
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

/** Several ranks of one job side by side. */
export const ranks: Command = {
  help: () => ({
    usage: ["triage ranks DIR [options]", "triage ranks TRACE TRACE… [options]"],
    summary:
      "Puts the ranks of one job side by side, per stage: step times, which rank is slower than the others beyond noise and where it loses the time, and for each collective how much is data movement and how much waiting. Told from durations alone: the clocks of the ranks need not agree.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: ["triage ranks profile/", "triage ranks TP-0.json.gz TP-1.json.gz -f markdown"],
      },
      {
        title: "Exit codes",
        lines: [
          "0    the comparison was printed",
          "2    wrong usage, or the output cannot be written",
          "3    a rank's trace cannot be read (the others' comparison was printed where two are left)",
          "4    the rules are not valid",
          "130  interrupted",
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
  const format =
    valueReader(COMMAND).choice("format", given.text("format"), FORMAT_NAMES) ?? "text";
  const maxBytes = maxBytesOf(given, format, COMMAND);
  const ranksPerNode = valueReader(COMMAND).number("ranks-per-node", given.text("ranks-per-node"), {
    ...WHOLE,
    min: 1,
  });
  const output = given.text("output");
  const inputs = given.positionals;
  if (inputs.length === 0)
    throw usage("no-trace", "No ranks to compare: name a folder or the traces.", COMMAND);
  const { analysis: read } = await settled(given, readAnalysis(given, COMMAND));
  const analysis = { ...read, allRanks: true };
  keepInputs(output, inputs, rulesRead(analysis));
  const report = await watched(terminal, async (onProgress) => {
    const { ranksSideBySide } = await import("../../commands/ranks.ts");
    return ranksSideBySide({
      ...{ ...analysis, inputs, mapping: [], formal: [], ranksPerNode, onProgress, signal },
    });
  });
  keepInputs(
    output,
    report.ranks.flatMap(({ paths }) => paths),
  );
  const text = RANKS_FORMATS[format](report, {
    width: terminal.width,
    color: terminal.colorOut && isStdout(output),
    maxBytes,
  });
  await writeOutput(text, output);
  return tellUnreadable(report);
}

/** In the report, too; here for who only looks at errors. */
function tellUnreadable({ ranks: traces }: RanksReport): ExitCode {
  const unreadable = traces.filter(({ state }) => state === "unreadable");
  for (const { label, problem } of unreadable)
    process.stderr.write(`rank ${inert(label)} is left out: ${inert(problem ?? "")}\n`);
  return unreadable.length > 0 ? EXIT.unreadable : EXIT.ok;
}
