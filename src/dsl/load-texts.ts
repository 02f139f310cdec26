import { compareText } from "../model/compare-text.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { RuleSet } from "../model/rule.ts";
import type { FuseFile } from "./ast.ts";
import { compileRules } from "./compile/index.ts";
import { parseFuse } from "./parse/parse-file.ts";
import type { RuleText, RuleTexts } from "./read-rule-texts.ts";
import type { ReadLock, SourceLock } from "./source-lock.ts";

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

interface ParsedFile extends LoadedFile {
  readonly diagnostics: readonly Diagnostic[];
}

export const parseTexts = ({ files }: RuleTexts): ParsedFile[] =>
  files.map((file) => ({ ...file, ...parseFuse(file.text, file.file) }));

/**
 * Compiles parsed files into what was loaded from a directory of rules. This module does not read
 * the lock itself, so that the libraries for that may be loaded elsewhere, or not at all.
 */
export function compileTexts(
  root: string,
  { digest }: RuleTexts,
  parsed: readonly ParsedFile[],
  { lock, diagnostics }: ReadLock,
): LoadedRules {
  const compiled = compileRules(
    parsed.map(({ ast }) => ast),
    lock,
    { root: root.replace(/\/+$/, ""), digest },
  );
  const files = parsed.map(({ diagnostics: _, ...file }) => file);
  const found = [
    ...parsed.flatMap((file) => file.diagnostics),
    ...diagnostics,
    ...compiled.diagnostics,
  ];
  found.sort((a, b) => compareText(a.file, b.file) || a.range.start - b.range.start);
  return { ruleSet: { ...compiled.ruleSet, path: root }, diagnostics: found, files, lock };
}

/** What is said of rules beside which no lock lies. */
export const withoutLock = (root: string): ReadLock => ({
  lock: null,
  diagnostics: [
    {
      code: "source-lock",
      severity: "warning",
      message: "there is no source lock, so sources have no commit and no address",
      file: root,
      range: { start: 0, end: 0, line: 1, column: 1 },
      help: "put sources.lock.yaml into the rules directory or into references/ beside it",
    },
  ],
});
