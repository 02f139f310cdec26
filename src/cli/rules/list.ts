import { unknownRule } from "../../commands/rules/unknown-rule.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { Rule } from "../../model/rule.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import { displayWidth } from "../../report/text/width.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeStdout } from "../terminal/output.ts";
import { loadForCommand } from "./load-for-command.ts";
import { COMMON_OPTIONS, EXIT_LINES, rulesTogether } from "./rules-options.ts";

const COMMAND = "rules list";
const OUTPUT_FORMATS = ["text", "json"] as const;
const STATUSES = ["mainline", "in-flight", "experimental", "deprecated"] as const;
const KINDS = ["fusion", "overlap"] as const;

const OPTIONS = {
  ...RULE_OPTIONS,
  origin: { value: "NAME", group: "Rules", help: "Only rules of this folder, such as sglang." },
  status: {
    value: "STATUS",
    choices: STATUSES,
    group: "Rules",
    help: `Only ${STATUSES.join(", ")} rules.`,
  },
  kind: { value: "KIND", choices: KINDS, group: "Rules", help: "Only fusion or overlap rules." },
  format: {
    value: "FORMAT",
    choices: OUTPUT_FORMATS,
    short: "f",
    group: "Output",
    help: "text, json. Default: text.",
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Which rules there are. */
export const list: Command = { help, run };

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const read = valueReader(COMMAND);
  const status = read.choice("status", given.text("status"), STATUSES);
  const kind = read.choice("kind", given.text("kind"), KINDS);
  const format = read.choice("format", given.text("format"), OUTPUT_FORMATS) ?? "text";
  const origin = given.text("origin");
  const { ruleSet, broken } = await loadForCommand(await rulesTogether(given), [], terminal);
  const isAsked = asking(given.positionals, ruleSet.rules);
  const rules = ruleSet.rules.filter(
    (rule) =>
      isAsked(rule) &&
      (status === null || rule.status === status) &&
      (kind === null || rule.kind === kind) &&
      (origin === null || rule.origin === origin),
  );
  await writeStdout(format === "json" ? asJson(rules) : asText(rules));
  return broken ? EXIT.gateFailed : EXIT.ok;
}

/**
 * Rules named by id or file, and those whose id or title holds every other word.
 *
 * @throws {TriageError} usage/unknown-rule where no rule holds them.
 */
function asking(texts: readonly string[], rules: readonly Rule[]): (rule: Rule) => boolean {
  if (texts.length === 0) return () => true;
  const isNamed = ({ id, file }: Rule): boolean => texts.includes(id) || texts.includes(file);
  const named = rules.filter(isNamed);
  const words = texts
    .filter((text) => !named.some(({ id, file }) => text === id || text === file))
    .map((text) => text.toLowerCase());
  const holdsAll = ({ id, title }: Rule): boolean =>
    words.length > 0 && words.every((word) => `${id} ${title}`.toLowerCase().includes(word));
  if (words.length > 0 && !rules.some(holdsAll))
    throw unknownRule(
      words.join(" "),
      rules.map(({ id }) => id),
    );
  return (rule) => isNamed(rule) || holdsAll(rule);
}

function asJson(rules: readonly Rule[]): string {
  const rows = rules.map((rule) => {
    const { id, kind, origin, file, title, status, prs, checked, sources } = rule;
    return { id, kind, origin, file, title, status, prs, checked, states: statesOf(rule), sources };
  });
  return inertJson(`${JSON.stringify({ schemaVersion: 1, rules: rows }, null, 2)}\n`);
}

function asText(rules: readonly Rule[]): string {
  const rows = rules.map((rule) => [
    rule.id,
    rule.origin,
    rule.kind,
    rule.status,
    statesOf(rule).join("/"),
    rule.title,
  ]);
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((text, i) => Math.max(widest[i] ?? 0, displayWidth(inert(text)))),
    [],
  );
  const lines = rows.map((row) =>
    row
      .map((text, i) => inert(text) + " ".repeat(widths[i]! - displayWidth(inert(text))))
      .join("  ")
      .trimEnd(),
  );
  const count = `${rules.length} ${rules.length === 1 ? "rule" : "rules"}`;
  return [...lines, count].map((line) => `${line}\n`).join("");
}

const statesOf = ({ states }: Rule): string[] => [...new Set(states.map(({ state }) => state))];

function help(): HelpPage {
  return {
    usage: ["rules list [RULE | WORD …] [options]"],
    summary:
      "Lists rules by id: origin, kind, status, the states they draw, and title. Words choose those whose id or title holds all of them.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules list rmsnorm quant",
          "rules list --origin sglang",
          "rules list --status in-flight --format json",
        ],
      },
      { title: "Exit codes", lines: EXIT_LINES },
    ],
  };
}
