import { existsSync } from "node:fs";
import { bundledRules } from "../../base/bundled-rules.ts";
import type { GivenOptions, OptionSpec, OptionSpecs } from "../options.ts";

/** Options that every subcommand of `rules` has. */
export const RULES_OPTION = {
  value: "DIR",
  group: "Rules",
  help: "Folder of .fuse rules: lib/, fuse/, overlap/. Default: rules/ here, else the bundled ones.",
} as const satisfies OptionSpec;

export const COMMON_OPTIONS = {
  "no-color": {
    value: null,
    group: "Other",
    help: "No colour. NO_COLOR and FORCE_COLOR in the environment are heeded too.",
  },
  help: { value: null, short: "h", group: "Other", help: "This page." },
} as const satisfies OptionSpecs;

/** The rules meant: those named, those of the working folder, those that come with the package. */
export function rulesFolder(given: GivenOptions<{ rules: OptionSpec }>): string {
  return given.text("rules") ?? (existsSync("rules/lib") ? "rules" : bundledRules());
}

/** Lines of the exit codes in help pages. */
export const EXIT_LINES = [
  "0    nothing found",
  "1    something found",
  "2    wrong usage, or the output cannot be written",
  "4    there are no rules to look at",
] as const;
