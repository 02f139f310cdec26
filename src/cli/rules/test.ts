import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { RuleSet } from "../../model/rule.ts";
import { inert } from "../../report/inert.ts";
import type { RuleTestResult } from "../../run-rule-tests.ts";
import type { Command, CommandContext } from "../command.ts";
import { helpText } from "../help.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import { writeStdout } from "../output.ts";
import { type Terminal, toned } from "../terminal.ts";
import { loadForCommand } from "./load-for-command.ts";
import { COMMON_OPTIONS, EXIT_LINES, RULES_OPTION, rulesFolder } from "./rules-options.ts";

const COMMAND = "rules test";
const FORMATS = ["pretty", "json"] as const;

const OPTIONS = {
  rules: RULES_OPTION,
  format: { value: "FORMAT", short: "f", group: "Output", help: "pretty, json. Default: pretty." },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Runs the tests embedded in rules. */
export const test: Command = { help, run };

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const format = valueReader(COMMAND).choice("format", given.text("format"), FORMATS) ?? "pretty";
  const { ruleSet, broken } = await loadForCommand(rulesFolder(given), given.positionals, terminal);
  const { runRuleTests } = await import("../../run-rule-tests.ts");
  const results = runRuleTests(ruleSet);
  const print = format === "json" ? asJson : asText;
  await writeStdout(print(ruleSet, results, terminal));
  return broken || results.some(({ passed }) => !passed) ? EXIT.gateFailed : EXIT.ok;
}

const asJson = (_ruleSet: RuleSet, results: readonly RuleTestResult[]): string =>
  `${JSON.stringify({ schemaVersion: 1, tests: results }, null, 2)}\n`;

function asText(
  ruleSet: RuleSet,
  results: readonly RuleTestResult[],
  { colorOut }: Terminal,
): string {
  const failed = results.filter(({ passed }) => !passed);
  const lines = failed.flatMap(({ rule, file, test, expected, saw }) => [
    `${toned("failed", "bad", colorOut)} ${inert(rule)}: ${inert(test)}`,
    `  expected ${expected}`,
    `  saw      ${inert(saw)}`,
    `  in ${inert(file)}`,
    "",
  ]);
  const passed = results.length - failed.length;
  const untested = ruleSet.rules.filter(({ tests }) => tests.length === 0);
  return [
    ...lines,
    `${passed} of ${results.length} tests of ${ruleSet.rules.length} rules pass`,
    ...(untested.length === 0
      ? []
      : [`no tests: ${untested.map(({ id }) => inert(id)).join(", ")}`]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function help(terminal: Terminal): string {
  return helpText(
    {
      usage: ["rules test [RULE …] [options]"],
      summary:
        "Runs the tests embedded in the rules through the matcher. Each rule is run alone; a fact that a test does not give is unknown.",
      options: OPTIONS,
      sections: [
        {
          title: "Examples",
          lines: ["rules test", "rules test qknorm-rope-kvstore", "rules test --format json"],
        },
        { title: "Exit codes", lines: EXIT_LINES },
      ],
    },
    terminal.width,
    terminal.colorOut,
  );
}
