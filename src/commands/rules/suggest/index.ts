import { checkContext } from "../../../dsl/checks/check.ts";
import { loadTexts } from "../../../dsl/load-rules.ts";
import { readRuleTexts } from "../../../dsl/read-rule-texts.ts";
import { readDictionary } from "../lint.ts";
import { unknownRule } from "../unknown-rule.ts";
import { type Suggestions, suggestTests } from "./suggest-tests.ts";

export interface RuleSuggestions extends Suggestions {
  readonly rule: string;
  readonly file: string;
}

/**
 * Tests that rules of a directory lack, rule by rule; rules that cannot run have none.
 *
 * @param ids the rules meant; all when empty.
 * @throws {TriageError} `rules/unreadable`, `usage/unknown-rule`.
 */
export async function suggestFor(root: string, ids: readonly string[]): Promise<RuleSuggestions[]> {
  const loaded = loadTexts(root, readRuleTexts(root));
  const { rules, known } = checkContext(loaded, null, await readDictionary(root));
  for (const id of ids)
    if (!rules.some(({ rule }) => rule.id === id))
      throw unknownRule(
        id,
        rules.map(({ rule }) => rule.id),
      );
  return rules
    .filter(({ rule }) => ids.length === 0 || ids.includes(rule.id))
    .map(({ rule, node, file }) => ({
      rule: rule.id,
      file: file.file,
      ...suggestTests(loaded.ruleSet, rule, node, known),
    }));
}
