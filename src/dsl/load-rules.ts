import { compileTexts, type LoadedRules, parseTexts, withoutLock } from "./load-texts.ts";
import { type RuleTexts, readRuleTexts } from "./read-rule-texts.ts";
import { parseSourceLock } from "./source-lock.ts";

/**
 * Reads, parses and compiles a directory of rules.
 *
 * @throws {TriageError} `rules/unreadable` when there is nothing to read; text that is wrong is
 * reported in `diagnostics`, never thrown.
 */
export async function loadRules(root: string): Promise<LoadedRules> {
  return loadTexts(root, readRuleTexts(root));
}

export function loadTexts(root: string, texts: RuleTexts): LoadedRules {
  const { lock } = texts;
  const read = lock === null ? withoutLock(root) : parseSourceLock(lock.text, lock.file);
  return compileTexts(root, texts, parseTexts(texts), read);
}
