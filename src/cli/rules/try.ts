import { relative } from "node:path";
import type { RuleTrial } from "../../commands/rules/try.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../model/options.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeStdout } from "../terminal/output.ts";
import { watched } from "../terminal/progress.ts";
import { type Terminal, toned } from "../terminal/terminal.ts";
import { analysisRules, COMMON_OPTIONS } from "./rules-options.ts";

const COMMAND = "rules try";
const FORMATS = ["text", "json"] as const;

const OPTIONS = {
  ...RULE_OPTIONS,
  "no-examples": {
    value: null,
    group: "Traces",
    help: "Only the traces given, without the examples that come with the package.",
  },
  format: { value: "FORMAT", short: "f", group: "Output", help: "text, json. Default: text." },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** What a rule does to the reports of traces. */
export const tryCommand: Command = { help, run };

async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const format = valueReader(COMMAND).choice("format", given.text("format"), FORMATS) ?? "text";
  const [id, ...paths] = given.positionals;
  if (id === undefined) throw usage("no-rule", "Which rule? rules try RULE TRACE…", COMMAND);
  if (paths.length === 0 && given.has("no-examples"))
    throw usage("no-trace", "Which trace? rules try RULE TRACE…", COMMAND);
  const { terminal, signal } = context;
  const trials = await watched(terminal, async (onProgress) => {
    const { bundledExamples, tryRule } = await import("../../commands/rules/try.ts");
    const all = [...(given.has("no-examples") ? [] : bundledExamples()), ...paths];
    const rules = await analysisRules(given);
    return tryRule(id, all, {
      ...DEFAULT_ANALYZE_OPTIONS,
      inputs: [],
      ...rules,
      onProgress,
      signal,
    });
  });
  await writeStdout(format === "json" ? asJson(id, trials) : asText(id, trials, terminal));
  return EXIT.ok;
}

const asJson = (rule: string, trials: readonly RuleTrial[]): string =>
  inertJson(`${JSON.stringify({ schemaVersion: 1, rule, trials }, null, 2)}\n`);

function asText(id: string, trials: readonly RuleTrial[], { colorOut }: Terminal): string {
  const silent = trials.filter(isSilent);
  const told = trials.filter((trial) => !isSilent(trial));
  const rows = trials.reduce((sum, trial) => sum + trial.rows.length, 0);
  return [
    ...told.flatMap((trial) => [
      toned(shown(trial.path), "strong", colorOut),
      ...trialLines(trial),
      "",
    ]),
    ...(silent.length === 0
      ? []
      : [`nothing in ${silent.map(({ path }) => shown(path)).join(", ")}`]),
    `${id}: ${rows} ${rows === 1 ? "row" : "rows"} on ${trials.length} ${trials.length === 1 ? "path" : "paths"}`,
  ]
    .map((line) => `${inert(line)}\n`)
    .join("");
}

const isSilent = ({ failure, rows, nearMisses, overlaps, changes }: RuleTrial): boolean =>
  failure === null && [rows, nearMisses, overlaps, changes].every((list) => list.length === 0);

function trialLines({ failure, rows, nearMisses, overlaps, changes }: RuleTrial): string[] {
  if (failure !== null) return [`  cannot be used: ${failure}`];
  return [
    ...part(
      "rows",
      rows.map(({ stage, state, counts, sharePct, saveAtMostUs, verdict }) => {
        const list = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
        return `${stage}: ${state} (${list.join(", ")}), ${sharePct.toFixed(2)}%, saves at most ${saveAtMostUs.toFixed(1)}us: ${verdict}`;
      }),
    ),
    ...part("near misses", nearMisses),
    ...part("other rules on its kernels", overlaps),
    ...part("changes elsewhere", changes),
  ];
}

const part = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];

/** Where that is shorter, as seen from here. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near !== "" && near.length < path.length ? near : path;
}

function help(): HelpPage {
  return {
    usage: ["rules try RULE [TRACE…] [options]"],
    summary:
      "Runs a rule over the examples that come with the package and over traces of yours, with all other rules and once more without it: its rows, what stopped it where it nearly matched, other rules on the same kernels, and what else changes in each report.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: ["rules try demo-add-norm", "rules try demo-add-norm profile/ --no-examples"],
      },
      {
        title: "Exit codes",
        lines: [
          "0    tried; a path that cannot be used is told and left out",
          "2    wrong usage, or no such rule",
          "4    the rules are not valid",
        ],
      },
    ],
  };
}
