import { bundledRules } from "../../base/files/bundled-rules.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { Settings } from "../../pipeline/inputs/settings/read-settings.ts";
import { inert } from "../../report/document/inert.ts";
import type { GivenOptions, OptionSpecs } from "../options.ts";
import { openSettings, rulesMeant } from "./rule-options.ts";

type Decided = Pick<
  AnalyzeOptions,
  "rulesPath" | "rulesOver" | "rulesOff" | "policyPath" | "machinesPath" | "settingsPath"
>;

/**
 * Options with the rules that are meant, and with what the settings say where the command line is
 * silent.
 *
 * @throws {TriageError} for settings or folders of rules that cannot be used
 */
export async function settled<Options extends Pick<AnalyzeOptions, "minSharePct">>(
  given: GivenOptions<OptionSpecs>,
  options: Options,
): Promise<{ readonly analysis: Options & Decided; readonly cuts: Settings["cuts"] | null }> {
  const settings = await openSettings(given);
  const { base, over, off } = await rulesMeant(given, settings);
  if (given.has("rules-only") || (settings?.rules.only.length ?? 0) > 0) await tellIdle(base);
  else if (base !== bundledRules()) await tellReplaced(base);
  const minShare = given.text("min-share") === null ? settings?.cuts.minShare : null;
  return {
    analysis: {
      ...options,
      rulesPath: base,
      rulesOver: over,
      rulesOff: off,
      policyPath: settings?.policy ?? null,
      machinesPath: settings?.machines ?? null,
      settingsPath: settings?.path ?? null,
      minSharePct: minShare ?? options.minSharePct,
    },
    cuts: settings?.cuts ?? null,
  };
}

/** Before a trace is read: what comes of such rules is known already. */
async function tellIdle(base: string): Promise<void> {
  const { isWholeBase } = await import("../../dsl/whole-base.ts");
  if (isWholeBase(base)) return;
  const { classifyNothing } = await import("../../pipeline/inputs/idle-folders.ts");
  process.stderr.write(`warning: ${inert(classifyNothing(base))}\n`);
}

/** That the bundled rules are gone is never left to be found out. */
async function tellReplaced(base: string): Promise<void> {
  const { isSameFolder } = await import("../../base/same-folder.ts");
  if (isSameFolder(base, bundledRules())) return;
  const words = `the rules in ${base} say themselves what kernels are: they take the place of the bundled ones`;
  process.stderr.write(`note: ${inert(words)}\n`);
}

/** Every folder of rules that is read: none of their files is written over. */
export const rulesRead = ({
  rulesPath,
  rulesOver,
}: Pick<AnalyzeOptions, "rulesPath" | "rulesOver">): readonly string[] => [rulesPath, ...rulesOver];
