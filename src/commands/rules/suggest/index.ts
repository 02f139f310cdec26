import { checkContext } from "../../../dsl/checks/check.ts";
import { loadTexts } from "../../../dsl/load-rules.ts";
import { readRuleTexts } from "../../../dsl/read-rule-texts.ts";
import { type RulesAt, ruleFolders } from "../../../model/rule-folders.ts";
import { readDictionary } from "../lint.ts";
import { unknownRule } from "../unknown-rule.ts";
import { type Suggestions, suggestTests } from "./suggest-tests.ts";
import { suggestWorkTests } from "./suggest-work-tests.ts";

export interface RuleSuggestions extends Suggestions {
  readonly rule: string;
  readonly file: string;
}

/**
 * Tests that the rules and work models of a directory lack, one by one; what cannot run has none.
 *
 * @param ids the rules meant; all when empty.
 * @throws {TriageError} `rules/unreadable`, `usage/unknown-rule`.
 */
export async function suggestFor(at: RulesAt, ids: readonly string[]): Promise<RuleSuggestions[]> {
  const loaded = loadTexts(ruleFolders(at).base, readRuleTexts(at));
  const dictionary = await readDictionary(at);
  const { rules, known } = checkContext(loaded, null, dictionary);
  const { works } = loaded.ruleSet;
  const all = [...rules.map(({ rule }) => rule.id), ...works.map(({ id }) => id)];
  for (const id of ids) if (!all.includes(id)) throw unknownRule(id, all);
  const isMeant = (id: string): boolean => ids.length === 0 || ids.includes(id);
  return [
    ...rules
      .filter(({ rule }) => isMeant(rule.id))
      .map(({ rule, node, file }) => ({
        rule: rule.id,
        file: file.file,
        ...suggestTests(loaded.ruleSet, rule, node, known),
      })),
    ...works
      .filter(({ id }) => isMeant(id))
      .map((work) => ({
        rule: work.id,
        file: loaded.works.find(({ path, file }) => path === work.file || file === work.file)!.file,
        ...suggestWorkTests(work, dictionary),
      })),
  ];
}
