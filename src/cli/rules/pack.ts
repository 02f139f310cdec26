import { join } from "node:path";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { inert } from "../../report/document/inert.ts";
import type { Command } from "../command.ts";
import { helpText } from "../help.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import { writeStdout } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import { COMMON_OPTIONS, RULES_OPTION, rulesFolder } from "./rules-options.ts";

const OPTIONS = { rules: RULES_OPTION, ...COMMON_OPTIONS } as const satisfies OptionSpecs;

/** Compiles a folder of rules into the file that `triage` starts from. */
export const pack: Command = { help, run };

async function run(args: readonly string[]): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, "rules pack");
  const root = rulesFolder(given);
  const { loadRules } = await import("../../dsl/load-rules.ts");
  const { writePack } = await import("../../dsl/pack.ts");
  const { PACK_NAME } = await import("../../pipeline/inputs/rule-base.ts");
  const { writePolicyPack } = await import("../../pipeline/inputs/policies.ts");
  const loaded = await loadRules(root);
  const file = join(root, PACK_NAME);
  await writePack(loaded, file);
  await writePolicyPack(root);
  await writeStdout(`${inert(file)}: ${loaded.ruleSet.rules.length} rules packed\n`);
  return EXIT.ok;
}

function help(terminal: Terminal): string {
  return helpText(
    {
      usage: ["rules pack [options]"],
      summary:
        "Compiles the rules into .rules-pack.json and the policies into .policy-pack.json in their folder, so that triage need not parse them. Packs are data without code; one that no longer fits the texts is passed over.",
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
    },
    terminal.width,
    terminal.colorOut,
  );
}
