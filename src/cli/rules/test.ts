import { isWeak, type MutationScore } from "../../commands/rules/mutation-score.ts";
import type { RuleSuggestions } from "../../commands/rules/suggest/index.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { RulesAt } from "../../model/rule-folders.ts";
import type { RuleTestResult } from "../../pipeline/rule-tests.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeStdout } from "../terminal/output.ts";
import { type Terminal, toned } from "../terminal/terminal.ts";
import { loadForCommand } from "./load-for-command.ts";
import { COMMON_OPTIONS, EXIT_LINES, isOurs, rulesTogether } from "./rules-options.ts";

const COMMAND = "rules test";
const FORMATS = ["pretty", "json"] as const;

const OPTIONS = {
  ...RULE_OPTIONS,
  mutants: {
    value: null,
    group: "Rules",
    help: "Also change each rule and work model in one thing at a time and count the changes that its own tests notice; fewer than nine in ten fail.",
  },
  suggest: {
    value: null,
    group: "Rules",
    help: "Instead of running the tests, write those that are missing: each with the changes to the rule that nobody notices without it, as text to paste into the rule. Read them first: they expect what the rule does today.",
  },
  format: { value: "FORMAT", short: "f", group: "Output", help: "pretty, json. Default: pretty." },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Runs the tests embedded in rules. */
export const test: Command = { help, run };

interface TestReport {
  /** Rules and work models. */
  readonly rules: readonly { readonly id: string; readonly tests: readonly unknown[] }[];
  readonly tests: readonly RuleTestResult[];
  /** Null when not asked for. */
  readonly mutants: readonly MutationScore[] | null;
}

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const format = valueReader(COMMAND).choice("format", given.text("format"), FORMATS) ?? "pretty";
  if (given.has("suggest")) return suggest(await rulesTogether(given), given.positionals, format);
  const rules = await rulesTogether(given);
  const { ruleSet, broken } = await loadForCommand(rules, given.positionals, terminal, (file) =>
    isOurs(rules, file),
  );
  const { runRuleTests } = await import("../../pipeline/rule-tests.ts");
  const { runWorkTests } = await import("../../pipeline/work-tests.ts");
  const report: TestReport = {
    rules: [...ruleSet.rules, ...ruleSet.works],
    tests: [...runRuleTests(ruleSet), ...runWorkTests(ruleSet.works)],
    mutants: given.has("mutants") ? await score(ruleSet) : null,
  };
  await writeStdout(format === "json" ? asJson(report) : asText(report, terminal));
  const fails = report.tests.some(({ passed }) => !passed) || report.mutants?.some(isWeak) === true;
  return broken || fails ? EXIT.gateFailed : EXIT.ok;
}

async function suggest(
  rules: RulesAt,
  ids: readonly string[],
  format: (typeof FORMATS)[number],
): Promise<ExitCode> {
  const { suggestFor } = await import("../../commands/rules/suggest/index.ts");
  const found = await suggestFor(rules, ids);
  const text =
    format === "json"
      ? `${JSON.stringify({ schemaVersion: 1, suggestions: found }, null, 2)}\n`
      : found.map(suggestionText).join("\n");
  await writeStdout(format === "json" ? inertJson(text) : text.split("\n").map(inert).join("\n"));
  return EXIT.ok;
}

function suggestionText({ rule, file, tests, left }: RuleSuggestions): string {
  if (tests.length === 0 && left.length === 0) return `// ${rule}: its tests notice every change\n`;
  const missing =
    left.length === 0
      ? []
      : ["", "// No test that we know of notices:", ...left.map((it) => `//   ${it}`), ""];
  return [
    `// ${rule}: to paste into ${file}, where it is true`,
    ...tests.flatMap(({ text, notices }) => [
      "",
      ...notices.map((it) => `  // ${it}`),
      text.trimEnd(),
    ]),
    ...missing,
  ]
    .join("\n")
    .concat("\n");
}

async function score(ruleSet: RuleSet): Promise<readonly MutationScore[]> {
  const { mutateRules } = await import("../../commands/rules/mutants.ts");
  return mutateRules(ruleSet);
}

function asJson({ tests, mutants }: TestReport): string {
  const scores = mutants === null ? {} : { mutants };
  return inertJson(`${JSON.stringify({ schemaVersion: 1, tests, ...scores }, null, 2)}\n`);
}

function asText({ rules, tests, mutants }: TestReport, { colorOut }: Terminal): string {
  const failed = tests.filter(({ passed }) => !passed);
  const untested = rules.filter((rule) => rule.tests.length === 0);
  return [
    ...failed.flatMap((it) => [
      `${toned("failed", "bad", colorOut)} ${inert(it.rule)}: ${inert(it.test)}`,
      `  expected ${it.expected}`,
      `  saw      ${inert(it.saw)}`,
      `  in ${inert(it.file)}`,
      "",
    ]),
    ...(mutants ?? []).flatMap(mutantLines),
    `${tests.length - failed.length} of ${tests.length} tests of ${rules.length} ${rules.length === 1 ? "rule" : "rules"} pass`,
    ...(untested.length === 0
      ? []
      : [`no tests: ${untested.map(({ id }) => inert(id)).join(", ")}`]),
    ...(mutants === null ? [] : [totalLine(mutants), ...weakLines(mutants)]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function mutantLines(score: MutationScore) {
  const { rule, mutants, killed, survivors } = score;
  return [
    `${inert(rule)}: its tests notice ${killed} of ${mutants} changes${isWeak(score) ? ", fewer than nine in ten" : ""}`,
    ...survivors.map((change) => `  not noticed: ${inert(change)}`),
  ];
}

function weakLines(scores: readonly MutationScore[]): string[] {
  const weak = scores.filter(isWeak).map(({ rule }) => inert(rule));
  if (weak.length === 0) return [];
  return [
    `fewer than nine in ten: ${weak.join(", ")}; \`rules test RULE --suggest\` writes what is missing`,
  ];
}

function totalLine(scores: readonly MutationScore[]): string {
  const sum = (of: (score: MutationScore) => number) =>
    scores.reduce((total, one) => total + of(one), 0);
  const all = sum(({ mutants }) => mutants);
  const noticed = sum(({ killed }) => killed);
  return `${noticed} of ${all} changes noticed${all === 0 ? "" : ` (${((100 * noticed) / all).toFixed(1)}%)`}`;
}

function help(): HelpPage {
  return {
    usage: ["rules test [RULE …] [options]"],
    summary:
      "Runs the tests embedded in the rules through the matcher. Each rule is run alone; a fact that a test does not give is unknown.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules test",
          "rules test qknorm-rope-kvstore --mutants",
          "rules test qknorm-rope-kvstore --suggest",
          "rules test --format json",
        ],
      },
      { title: "Exit codes", lines: EXIT_LINES },
    ],
  };
}
