import { existsSync } from "node:fs";
import { bundledRules } from "../../base/files/bundled-rules.ts";
import type { RuleFolders } from "../../model/rule-folders.ts";
import type { Settings } from "../../pipeline/inputs/settings/read-settings.ts";
import type { GivenOptions, OptionSpecs } from "../options.ts";

/** Which rules a command goes by; the same wherever rules are read. */
export const RULE_OPTIONS = {
  rules: {
    value: "DIR",
    multiple: true,
    group: "Rules",
    help: "Folder of .fuse rules laid over the bundled ones; of several the last is strongest. A folder with categories of its own takes their place.",
  },
  "rules-only": {
    value: "DIR",
    multiple: true,
    group: "Rules",
    help: "Folder of .fuse rules without the bundled ones beneath; of several the first lies lowest.",
  },
  disable: {
    value: "RULE",
    multiple: true,
    group: "Rules",
    help: "Leave out the rule of this id. May be given several times.",
  },
  config: {
    value: "FILE",
    group: "Rules",
    help: "Settings: rules, policy, machines, cuts. Default: the nearest fuse-triage.yaml upwards, within the repository.",
  },
  "no-config": { value: null, group: "Rules", help: "No file of settings." },
} as const satisfies OptionSpecs;

/** The settings that hold here, null where there are none. Neither YAML nor schema are loaded then. */
export async function openSettings(given: GivenOptions<OptionSpecs>): Promise<Settings | null> {
  if (given.has("no-config")) return null;
  const { findSettings } = await import("../../pipeline/inputs/settings/find-settings.ts");
  const path = given.text("config") ?? findSettings(process.cwd());
  if (path === null) return null;
  const { readSettings } = await import("../../pipeline/inputs/settings/read-settings.ts");
  return readSettings(path);
}

/**
 * The rules meant: what the command line says of folders takes the place of what the settings say.
 *
 * @param bundled the base where none is named
 */
export async function rulesMeant(
  given: GivenOptions<OptionSpecs>,
  settings: Settings | null,
  bundled = bundledRules(),
): Promise<RuleFolders> {
  const rules = given.all("rules");
  const only = given.all("rules-only");
  const isSaid = rules.length + only.length > 0;
  const off = [...new Set([...(settings?.rules.off ?? []), ...given.all("disable")])];
  const wanted = isSaid
    ? { rules, only, off }
    : { rules: settings?.rules.over ?? [], only: settings?.rules.only ?? [], off };
  if (wanted.rules.length + wanted.only.length + off.length === 0)
    return { base: bundled, over: [], off: [] };
  const { chooseRules } = await import("../../pipeline/inputs/choose-rules.ts");
  return chooseRules(wanted, bundled);
}

/** In a checkout its own rules, else those that come with the package. */
export const rulesHere = (): string => (existsSync("rules/lib") ? "rules" : bundledRules());
