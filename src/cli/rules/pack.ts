import { join } from "node:path";
import { EXIT, type ExitCode, TriageError } from "../../model/errors.ts";
import { inert } from "../../report/document/inert.ts";
import type { Command } from "../command.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeStdout } from "../terminal/output.ts";
import { COMMON_OPTIONS, rulesTogether } from "./rules-options.ts";

const OPTIONS = { ...RULE_OPTIONS, ...COMMON_OPTIONS } as const satisfies OptionSpecs;

/** Compiles a folder of rules into the file that `triage` starts from. */
export const pack: Command = { help, run };

async function run(args: readonly string[]): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, "rules pack");
  const rules = await rulesTogether(given);
  const root = rules.base;
  const { loadRules } = await import("../../dsl/load-rules.ts");
  const { writePack } = await import("../../dsl/pack.ts");
  const { PACK_NAME } = await import("../../pipeline/inputs/rule-base.ts");
  const { writePolicyPack } = await import("../../pipeline/inputs/policies.ts");
  const loaded = await loadRules(rules);
  const { makePackFolder } = await import("../../pipeline/inputs/pack-place.ts");
  const packs = makePackFolder(rules);
  if (packs === null) throw cacheOfOthers(root);
  const file = join(packs, PACK_NAME);
  await writePack(loaded, file);
  await writePolicyPack(root, packs);
  await writeStdout(`${inert(file)}: ${loaded.ruleSet.rules.length} rules packed\n`);
  return EXIT.ok;
}

function cacheOfOthers(root: string): TriageError {
  return new TriageError({
    code: "rules/shared-cache",
    exit: EXIT.usage,
    message:
      "The packs of rules from elsewhere go to the user's cache, and others may write there.",
    place: root,
    hint: "name a folder of your own in XDG_CACHE_HOME, or do without: triage reads the texts",
  });
}

function help(): HelpPage {
  return {
    usage: ["rules pack [options]"],
    summary:
      "Compiles the rules into .rules-pack.json and the policies into .policy-pack.json, so that triage need not parse them: those of this package in their folder, those from elsewhere in the user's cache, for a pack that came with the rules is never believed. Packs are data without code; one that no longer fits the texts is passed over.",
    options: OPTIONS,
    sections: [
      { title: "Examples", lines: ["rules pack", "rules pack --rules my-rules/"] },
      {
        title: "Exit codes",
        lines: [
          "0    the pack was written",
          "2    wrong usage",
          "4    there are no rules, or they have errors",
        ],
      },
    ],
  };
}
