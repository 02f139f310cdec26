import { join } from "node:path";
import { loadRulesFast } from "../../dsl/pack.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { AnalyzeOptions } from "../../model/options.ts";
import type { RuleSet } from "../../model/rule.ts";
import { classifiesNothing, refuseIdle } from "./idle-folders.ts";
import { packFolder } from "./pack-place.ts";
import { loadPolicies, type Policies } from "./policies.ts";

export interface RuleBase {
  readonly ruleSet: RuleSet;
  readonly policies: Policies;
  /** Remarks on rules that were left out; the others were loaded. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What `rules pack` calls the compiled rules of a directory. */
export const PACK_NAME = ".rules-pack.json";

type RulesAsked = Pick<AnalyzeOptions, "rulesPath"> &
  Partial<Pick<AnalyzeOptions, "rulesOver" | "rulesOff" | "policyPath">>;

/**
 * Rules from their pack when it fits the texts, else from the texts. One broken rule is left out
 * and reported; a rule base of which nothing is left is an error.
 *
 * @throws {TriageError} `rules/unreadable`, `rules/none-valid` (exit 4), the latter too where a
 *   folder laid over others adds nothing
 */
export async function loadRuleBase({ rulesPath, ...above }: RulesAsked): Promise<RuleBase> {
  const { rulesOver = [], rulesOff = [], policyPath = null } = above;
  const at = { base: rulesPath, over: rulesOver, off: rulesOff };
  const packs = packFolder(at);
  const { ruleSet, diagnostics } = await loadRulesFast(
    at,
    packs === null ? null : join(packs, PACK_NAME),
  );
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first !== undefined && ruleSet.rules.length === 0 && ruleSet.categories.length === 0) {
    throw new TriageError({
      code: "rules/none-valid",
      exit: EXIT.rulesInvalid,
      message: `No usable rule in ${rulesPath}: ${first.message}`,
      place: `${first.file}:${first.range.line}:${first.range.column}`,
      hint: "Run `rules lint` for the whole list, or point --rules at another directory.",
    });
  }
  const folders = [rulesPath, ...rulesOver, ...(policyPath === null ? [] : [policyPath])];
  const policies = await loadPolicies(folders, packs ?? packFolder(rulesPath));
  refuseIdle(ruleSet, rulesOver, errors);
  const idle = classifiesNothing(ruleSet, rulesPath);
  return { ruleSet, policies, diagnostics: [...errors, ...idle, ...policies.diagnostics] };
}
