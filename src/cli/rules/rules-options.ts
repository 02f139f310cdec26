import type { AnalyzeOptions } from "../../model/options.ts";
import type { RuleFolders } from "../../model/rule-folders.ts";
import type { GivenOptions, OptionSpec, OptionSpecs } from "../options.ts";
import { openSettings, rulesHere, rulesMeant } from "../settings/rule-options.ts";

/** Where a command works on one folder of rules. */
export const FOLDER_OPTION = {
  value: "DIR",
  group: "Rules",
  aliases: ["rules-only"],
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

/** The folder meant: the one named, that of the working folder, the one that comes with the package. */
export function rulesFolder(given: GivenOptions<{ rules: OptionSpec }>): string {
  return given.text("rules") ?? rulesHere();
}

/** The rules meant where a command looks at all of them together, with the settings that hold here. */
export async function rulesTogether(given: GivenOptions<OptionSpecs>): Promise<RuleFolders> {
  return rulesMeant(given, await openSettings(given), rulesHere());
}

/** Lines of the exit codes in help pages. */
export const EXIT_LINES = [
  "0    nothing found",
  "1    something found",
  "2    wrong usage, or the output cannot be written",
  "4    there are no rules to look at",
] as const;

/** The same as options of an analysis. */
export async function analysisRules(
  given: GivenOptions<OptionSpecs>,
): Promise<Pick<AnalyzeOptions, "rulesPath" | "rulesOver" | "rulesOff">> {
  const { base, over, off } = await rulesTogether(given);
  return { rulesPath: base, rulesOver: over, rulesOff: off };
}

/** Whether a file is of the folders laid over others: with them, only theirs are looked at unless others are named. */
export function isOurs({ over }: RuleFolders, file: string): boolean {
  if (over.length === 0) return true;
  return over.some(
    (folder) => file.startsWith(`${folder.replace(/\/+$/, "")}/`) || file === folder,
  );
}
