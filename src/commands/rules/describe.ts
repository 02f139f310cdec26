import { checkContext } from "../../dsl/checks/check.ts";
import { ruleEntry } from "../../dsl/docs/rule-entry.ts";
import { loadRules } from "../../dsl/load-rules.ts";
import type { RulesAt } from "../../model/rule-folders.ts";
import { inert } from "../../report/document/inert.ts";
import { unknownRule } from "./unknown-rule.ts";

/**
 * What a rule says by itself, as the catalogues have it: patterns, guards, sources, switch, advice.
 *
 * @throws {TriageError} rules/unreadable, usage/unknown-rule.
 */
export async function describeRule(id: string, at: RulesAt): Promise<string> {
  const { rules } = checkContext(await loadRules(at), null, null);
  const unit = rules.find(({ rule }) => rule.id === id);
  if (unit === undefined)
    throw unknownRule(
      id,
      rules.map(({ rule }) => rule.id),
    );
  const lines = ruleEntry(unit).replace(/^#+ /, "# ").split("\n");
  return lines.map((line) => `${inert(line)}\n`).join("");
}
