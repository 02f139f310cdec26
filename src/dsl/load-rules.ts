import type { Diagnostic } from "../model/diagnostic.ts";
import type { RuleSet } from "../model/rule.ts";
import type { FuseFile } from "./ast.ts";
import { compileRules } from "./compile.ts";
import { parseFuse } from "./parse-file.ts";
import { type RuleText, type RuleTexts, readRuleTexts } from "./read-rule-texts.ts";
import { parseSourceLock, type SourceLock } from "./source-lock.ts";

export interface LoadedFile extends RuleText {
  readonly ast: FuseFile;
}

export interface LoadedRules {
  readonly ruleSet: RuleSet;
  /** By file, then by place. A rule named in an error may be missing from the set. */
  readonly diagnostics: Diagnostic[];
  readonly files: readonly LoadedFile[];
  /** Null when there is none or it cannot be used. */
  readonly lock: SourceLock | null;
}

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
  const diagnostics: Diagnostic[] = [];
  const files = texts.files.map((file) => {
    const parsed = parseFuse(file.text, file.file);
    diagnostics.push(...parsed.diagnostics);
    return { ...file, ast: parsed.ast };
  });
  const lock = lockOf(root, texts, diagnostics);
  const base = root.replace(/\/+$/, "");
  const compiled = compileRules(
    files.map(({ ast }) => ast),
    lock,
    { root: base, digest: texts.digest },
  );
  diagnostics.push(...compiled.diagnostics);
  diagnostics.sort((a, b) => compareText(a.file, b.file) || a.range.start - b.range.start);
  return { ruleSet: { ...compiled.ruleSet, path: root }, diagnostics, files, lock };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function lockOf(root: string, { lock }: RuleTexts, diagnostics: Diagnostic[]): SourceLock | null {
  if (lock !== null) {
    const read = parseSourceLock(lock.text, lock.file);
    diagnostics.push(...read.diagnostics);
    return read.lock;
  }
  diagnostics.push({
    code: "F054",
    severity: "warning",
    message: "there is no source lock, so sources have no commit and no address",
    file: root,
    range: { start: 0, end: 0, line: 1, column: 1 },
    help: "put sources.lock.yaml into the rules directory or into references/ beside it",
  });
  return null;
}
