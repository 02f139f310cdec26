import { EXIT, type ExitCode } from "../../model/errors.ts";
import type { Command, Program } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { writeStdout } from "../terminal/output.ts";
import { TRIAGE_OPTIONS } from "./triage-options.ts";

const COMMAND = "triage completion";
const SHELLS = ["bash", "zsh", "fish"] as const;

const OPTIONS = { help: TRIAGE_OPTIONS.help } as const satisfies OptionSpecs;

/**
 * What a shell needs to complete commands and options.
 *
 * @param triage the program that this command is one of
 */
export const completionOf = (triage: Program): Command => ({
  help: () => ({
    usage: ["triage completion bash", "triage completion zsh", "triage completion fish"],
    summary:
      "Prints what a shell needs to complete the commands, options and values of triage and rules.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "source <(triage completion bash)                     # in ~/.bashrc",
          "source <(triage completion zsh)                      # in ~/.zshrc, after compinit",
          "triage completion fish > ~/.config/fish/completions/triage.fish",
        ],
      },
    ],
  }),
  run: (args) => run(args, triage),
});

async function run(args: readonly string[], triage: Program): Promise<ExitCode> {
  const { positionals } = parseOptions(args, OPTIONS, COMMAND);
  const [asked, ...more] = positionals;
  if (asked === undefined || more.length > 0)
    throw usage("which-shell", `For which shell? One of ${SHELLS.join(", ")}.`, COMMAND);
  const shell = valueReader(COMMAND).choice("shell", asked, SHELLS)!;
  const [{ RULES }, { tableOf }] = await Promise.all([
    import("../rules/program.ts"),
    import("../completion/tables.ts"),
  ]);
  const tables = await Promise.all([triage, RULES].map(tableOf));
  await writeStdout((await writers[shell]())(tables));
  return EXIT.ok;
}

const writers = {
  bash: async () => (await import("../completion/bash.ts")).bashCompletion,
  zsh: async () => (await import("../completion/zsh.ts")).zshCompletion,
  fish: async () => (await import("../completion/fish.ts")).fishCompletion,
} as const;
