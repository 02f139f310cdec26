import type { VerifiedRepo, VerifiedSources } from "../../commands/rules/lock.ts";
import type { LockFinding, LockState } from "../../dsl/lock/verify-lock.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import type { Tone } from "../../report/table.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeOutput, writeStdout } from "../terminal/output.ts";
import { type Terminal, toned } from "../terminal/terminal.ts";
import { CHECKOUT_OPTION, checkoutsOf } from "./checkout-option.ts";
import { github } from "./formats/github.ts";
import { sarif } from "./formats/sarif.ts";
import { lockReleases, releasesOf } from "./lock-releases.ts";
import { COMMON_OPTIONS, FOLDER_OPTION, rulesFolder } from "./rules-options.ts";

const COMMAND = "rules lock";
const OUTPUT_FORMATS = ["pretty", "json", "sarif", "github"] as const;

const OPTIONS = {
  rules: FOLDER_OPTION,
  checkout: {
    ...CHECKOUT_OPTION,
    help: "Look the sources of repository NAME up in DIR: a git checkout, or any folder laid out like one. May be given several times.",
  },
  release: {
    value: "NAME=VERSION",
    multiple: true,
    group: "Sources",
    help: "The checkout of NAME is this release, or what its wheels unpack to: tell what of it the rules cite is there, moved or gone. With --update that enters releases.tsv beside the lock; commits stay. May be given several times.",
  },
  rule: {
    value: "ID",
    group: "Sources",
    help: "Only what this rule names, read from git at the locked commit, whatever is checked out: with --update its files and symbols enter the lock, and no commit moves.",
  },
  move: {
    value: null,
    group: "Sources",
    help: "With --update: let the lock follow a checkout to another commit than it names.",
  },
  update: {
    value: null,
    group: "Sources",
    help: "Rewrite the lock: files and symbols that rules name and that were found, with --move the commit too. Comments stay.",
  },
  format: {
    value: "FORMAT",
    short: "f",
    group: "Output",
    choices: OUTPUT_FORMATS,
    help: `${OUTPUT_FORMATS.join(", ")}. Default: pretty.`,
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Are the sources still where the rules say? */
export const lock: Command = { help, run };

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const format =
    valueReader(COMMAND).choice("format", given.text("format"), OUTPUT_FORMATS) ?? "pretty";
  const releases = releasesOf(given.all("release"), COMMAND);
  if (releases.size > 0) {
    const checkouts = checkoutsOf(given.all("checkout"), COMMAND);
    return lockReleases(rulesFolder(given), releases, checkouts, format, given.has("update"));
  }
  const { verifySources } = await import("../../commands/rules/lock.ts");
  const checkouts = checkoutsOf(given.all("checkout"), COMMAND);
  const found = await verifySources(rulesFolder(given), checkouts, { rule: given.text("rule") });
  if (given.has("update") && !given.has("move")) refuseToMove(found.repos);
  await writeStdout(print(found, format, terminal));
  const isMissing = found.diagnostics.length > 0;
  if (!given.has("update")) return isMissing || !found.isCurrent ? EXIT.gateFailed : EXIT.ok;
  if (!found.isCurrent) await writeOutput(found.updated, found.lockFile);
  return found.diagnostics.some(({ rule }) => rule !== undefined) ? EXIT.gateFailed : EXIT.ok;
}

/** A lock that follows whatever happens to be checked out proves nothing. */
function refuseToMove(repos: readonly VerifiedRepo[]): void {
  for (const { repo, lockedCommit, checkout } of repos)
    if (checkout.commit !== null && checkout.commit !== lockedCommit)
      throw usage(
        "would-move",
        `The lock has ${repo} at ${lockedCommit.slice(0, 12)}, the checkout is at ${checkout.commit.slice(0, 12)}: check out the locked commit, name one rule with --rule, or say --move.`,
        COMMAND,
      );
}

function print(
  found: VerifiedSources,
  format: (typeof OUTPUT_FORMATS)[number],
  terminal: Terminal,
): string {
  switch (format) {
    case "github":
      return github(found, false);
    case "sarif":
      return sarif(found, false);
    case "json":
      return inertJson(`${JSON.stringify(asJson(found), null, 2)}\n`);
    case "pretty":
      return found.repos.map((repo) => asText(repo, terminal)).join("\n");
  }
}

function asJson({ repos, isCurrent }: VerifiedSources) {
  return {
    schemaVersion: 1,
    lockIsCurrent: isCurrent,
    repos: repos.map(({ repo, lockedCommit, checkout, findings, switches, unmatched }) => ({
      repo,
      lockedCommit,
      commit: checkout.commit,
      date: checkout.date,
      unknownSwitches: switches.map(({ word, rule }) => ({ word, rule })),
      unmatchedKernels: unmatched.map(({ symbol, printed, rule }) => ({ symbol, printed, rule })),
      findings: findings.map(({ rules, repo: _, ...finding }) => ({
        ...finding,
        rules: [...new Set(rules.map(({ rule }) => rule))],
      })),
    })),
  };
}

const TOLD: Readonly<Partial<Record<LockState, readonly [Tone, string]>>> = {
  moved: ["bad", "moved"],
  vanished: ["bad", "vanished"],
  used: ["warn", "used"],
  new: ["good", "new"],
};

function asText(
  { repo, lockedCommit, checkout, findings, switches, unmatched }: VerifiedRepo,
  { colorOut }: Terminal,
): string {
  const symbols = findings.filter(({ symbol }) => symbol !== null);
  const found = symbols.filter(({ state }) => state === "ok" || state === "new");
  const lines = (Object.keys(TOLD) as LockState[]).flatMap((state) =>
    findings
      .filter((one) => one.state === state)
      .flatMap((one) => findingLines(one, TOLD[state]!, colorOut)),
  );
  return [
    `${toned(repo, "strong", colorOut)}: ${commitText(lockedCommit, checkout)}`,
    ...lines,
    ...switches.map(
      ({ word, rule }) =>
        `  ${toned("unknown", "bad", colorOut)}   switch ${word}, named by ${rule}`,
    ),
    ...unmatched.map(
      ({ symbol, printed, rule }) =>
        `  ${toned("unmatched", "bad", colorOut)} kernel ${inert(symbol)} of ${rule}: printed ${inert(printed)}`,
    ),
    `  ${found.length} of ${symbols.length} symbols are defined where they should be`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function commitText(locked: string, { commit, date }: VerifiedRepo["checkout"]): string {
  if (commit === null) return `a folder without a commit; locked is ${locked.slice(0, 12)}`;
  const at = `${commit.slice(0, 12)}${date === null ? "" : ` of ${date}`}`;
  return commit === locked ? `${at}, as locked` : `${at}; locked is ${locked.slice(0, 12)}`;
}

function findingLines(
  { path, symbol, at, rules, state }: LockFinding,
  [tone, word]: readonly [Tone, string],
  color: boolean,
): string[] {
  const ids = [...new Set(rules.map(({ rule }) => rule))];
  const name = symbol === null ? path : `${path}#${symbol}`;
  const place = state === "used" ? "defined in" : "now in";
  return [
    `  ${toned(word.padEnd(8), tone, color)}  ${inert(name)}`,
    ...(at.length === 0 ? [] : [`            ${place} ${inert(at.join(", "))}`]),
    ...(ids.length === 0 ? [] : [`            named by ${inert(ids.join(", "))}`]),
  ];
}

function help(): HelpPage {
  return {
    usage: ["rules lock --checkout NAME=DIR … [options]"],
    summary:
      "Looks up every file and symbol that the rules and the source lock name. A symbol counts when the file defines it: a Python class, function, member or assignment; a C++ or CUDA type, function, kernel, constant, macro or registered operator. Comments do not count. Reports what moved to another file, vanished, is only used there, or is new.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "git clone --depth 1 https://github.com/sgl-project/sglang ../sglang",
          "rules lock --checkout sglang=../sglang",
          "rules lock --checkout sglang=../sglang --checkout vllm=../vllm --update",
          "rules lock --release sglang=0.5.23 --checkout sglang=unpacked/sglang-0.5.23 --update",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    everything is where it should be; with --update also when the lock was rewritten",
          "1    something moved or vanished, or the lock is not current",
          "2    wrong usage, or a checkout cannot be read",
          "4    there are no rules or no lock",
        ],
      },
    ],
  };
}
