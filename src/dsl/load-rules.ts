import { type RulesAt, ruleFolders } from "../model/rule-folders.ts";
import { compileTexts, type LoadedRules, parseTexts, withoutLock } from "./load-texts.ts";
import { type RuleTexts, readRuleTexts } from "./read-rule-texts.ts";
import { parseSourceLock, type ReadLock } from "./source-lock.ts";

/**
 * Reads, parses and compiles a directory of rules, and what is laid over it.
 *
 * @throws {TriageError} `rules/unreadable` when there is nothing to read; text that is wrong is
 * reported in `diagnostics`, never thrown.
 */
export async function loadRules(at: RulesAt): Promise<LoadedRules> {
  return loadTexts(ruleFolders(at).base, readRuleTexts(at));
}

export function loadTexts(root: string, texts: RuleTexts): LoadedRules {
  const { lock } = texts;
  const read = lock === null ? withoutLock(root) : parseSourceLock(lock.text, lock.file);
  return compileTexts(root, texts, parseTexts(texts), read, locksOver(texts));
}

/** The locks of the folders laid over the base; one without its own goes by those below. */
export function locksOver({ over = [] }: RuleTexts): readonly ReadLock[] {
  return over.map(({ lock }) =>
    lock === null ? { lock: null, diagnostics: [] } : parseSourceLock(lock.text, lock.file),
  );
}
