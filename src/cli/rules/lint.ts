import type { LintResult } from "../../commands/rules/lint.ts";
import { unknownRule } from "../../commands/rules/unknown-rule.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { keepInputs } from "../keep-inputs.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { isStdout, writeOutput, writeToRunner } from "../terminal/output.ts";
import { FORMAT_NAMES, FORMATS } from "./formats/index.ts";
import { COMMON_OPTIONS, EXIT_LINES, isOurs, rulesTogether } from "./rules-options.ts";

const COMMAND = "rules lint";

const OPTIONS = {
  ...RULE_OPTIONS,
  today: {
    value: "DATE",
    group: "Rules",
    help: "Day that ages are counted to, such as 2026-08-22. Without it nothing is called stale, so that the same rules give the same answer on every day.",
  },
  mutants: {
    value: null,
    group: "Rules",
    help: "Also score the tests of the rules named, or of all, by changing the rules. Takes seconds a rule.",
  },
  format: {
    value: "FORMAT",
    short: "f",
    group: "Output",
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")}. Default: pretty.`,
  },
  output: {
    value: "FILE",
    short: "o",
    group: "Output",
    help: "Write to FILE, whole or not at all, instead of standard output.",
  },
  "max-warnings": {
    value: "N",
    group: "Output",
    help: "Exit with 1 when there are more warnings than N. Default: only errors count.",
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Rules in, remarks out. */
export const lint: Command = { help, run };

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const format = read.choice("format", given.text("format"), FORMAT_NAMES) ?? "pretty";
  const most = read.number("max-warnings", given.text("max-warnings"), WHOLE);
  const today = dayOf(given.text("today"));
  const only = new Set(given.positionals);
  const rules = await rulesTogether(given);
  const { lintRules } = await import("../../commands/rules/lint.ts");
  const isMeant = (rule: string | undefined, file: string): boolean =>
    only.size === 0
      ? isOurs(rules, file)
      : only.has(file) || (rule !== undefined && only.has(rule));
  const result = await lintRules(rules, {
    today,
    ...(given.has("mutants") ? { mutants: isMeant } : {}),
  });
  checkNames(only, result);
  // What is said of another rule because of this one is said of this one too.
  const diagnostics = result.diagnostics.filter(
    ({ file, rule, related = [] }) =>
      isMeant(rule, file) || related.some((one) => isMeant(ruleOf(one.file, result), one.file)),
  );
  const output = given.text("output");
  keepInputs(output, [], [rules.base, ...rules.over]);
  const color = terminal.colorOut && isStdout(output);
  const text = FORMATS[format]({ diagnostics, texts: result.texts }, color);
  // Its annotations are commands to the runner; everything in them is quoted.
  if (format === "github" && isStdout(output)) await writeToRunner(text);
  else await writeOutput(text, output);
  const count = (severity: string) => diagnostics.filter((it) => it.severity === severity).length;
  const fails = count("error") > 0 || (most !== null && count("warning") > most);
  return fails ? EXIT.gateFailed : EXIT.ok;
}

/** The rule of a file bears the file's name. */
function ruleOf(file: string, { ids }: LintResult): string | undefined {
  const id = file.replace(/^.*\//, "").replace(/\.fuse$/, "");
  return ids.includes(id) ? id : undefined;
}

/** A name that is neither a rule nor a file would otherwise read as "nothing found". */
function checkNames(only: ReadonlySet<string>, { ids, texts }: LintResult): void {
  for (const name of only)
    if (!ids.includes(name) && !texts.has(name)) throw unknownRule(name, [...ids, ...texts.keys()]);
}

function dayOf(text: string | null): string | null {
  if (text === null) return null;
  const time = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(time).toISOString().startsWith(text))
    return text;
  throw usage(
    "bad-value",
    `--today ${JSON.stringify(text)}: expected a day such as 2026-08-22.`,
    COMMAND,
  );
}

function help(): HelpPage {
  return {
    usage: ["rules lint [RULE | FILE …] [options]"],
    summary:
      "Checks every rule, its sources and its tests, and how rules meet each other. All rules are read; naming some only limits what is printed. Each code has a page in docs/lint.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules lint",
          "rules lint qknorm-rope-kvstore --max-warnings 0",
          "rules lint --rules my-rules/ --format sarif --output lint.sarif",
        ],
      },
      { title: "Exit codes", lines: EXIT_LINES },
    ],
  };
}
