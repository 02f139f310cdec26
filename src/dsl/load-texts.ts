import { compareText } from "../base/compare-text.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { RuleSet } from "../model/rule.ts";
import type { FuseFile } from "./ast.ts";
import { compileRules } from "./compile/index.ts";
import { placesOver, stackedLocks, uppermost, withoutRules } from "./layers.ts";
import { parseFuse } from "./parse/parse-file.ts";
import type { RuleText, RuleTexts } from "./read-rule-texts.ts";
import { parseReleases } from "./release-lock.ts";
import type { ReadLock, SourceLock } from "./source-lock.ts";
import type { WorkFile } from "./work/ast.ts";
import { compileWorks } from "./work/compile.ts";
import { isWorkText, parseWork } from "./work/parse.ts";

export interface LoadedFile extends RuleText {
  readonly ast: FuseFile;
}

/** A file of edition 2, which holds a work model. */
export interface LoadedWork extends RuleText {
  readonly ast: WorkFile;
}

export interface LoadedRules {
  readonly ruleSet: RuleSet;
  /** By file, then by place. A rule named in an error may be missing from the set. */
  readonly diagnostics: Diagnostic[];
  readonly files: readonly LoadedFile[];
  readonly works: readonly LoadedWork[];
  /** Null when there is none or it cannot be used. */
  readonly lock: SourceLock | null;
  /** What the sources of a file are looked up in: the locks of its folder and of those below it. */
  lockOf(file: Pick<RuleText, "layer">): SourceLock | null;
}

interface Remarked {
  readonly diagnostics: readonly Diagnostic[];
}

/** Parsed files by what they hold. */
export interface ParsedTexts {
  readonly files: readonly (LoadedFile & Remarked)[];
  readonly works: readonly (LoadedWork & Remarked)[];
}

export function parseTexts({ files }: RuleTexts): ParsedTexts {
  const rules = files.filter(({ text }) => !isWorkText(text));
  const works = files.filter(({ text }) => isWorkText(text));
  return {
    files: rules.map((file) => ({ ...file, ...parseFuse(file.text, file.file) })),
    works: works.map((file) => ({ ...file, ...parseWork(file.text, file.file) })),
  };
}

/**
 * Compiles parsed files into what was loaded from a directory of rules and from what is laid over
 * it. This module does not read
 * the lock itself, so that the libraries for that may be loaded elsewhere, or not at all.
 */
export function compileTexts(
  root: string,
  { digest, off = [], releases = null, over: laidOver = [] }: RuleTexts,
  written: ParsedTexts,
  { lock: read, diagnostics }: ReadLock,
  over: readonly ReadLock[] = [],
): LoadedRules {
  const parsed = uppermost(written);
  const lock = withReleases(read, releases);
  const locks = stackedLocks(
    lock,
    over.map((one, at) => ({
      ...one,
      lock: withReleases(one.lock, laidOver[at]?.releases ?? null),
    })),
  );
  const lockOf = ({ layer = 0 }: Pick<RuleText, "layer">) => locks[layer]!;
  const compiled = compileRules(
    parsed.files.map(({ ast }) => ast),
    lock,
    {
      root: root.replace(/\/+$/, ""),
      digest,
      ...(over.length === 0 ? {} : { layers: placesOver(parsed.files), locks }),
    },
  );
  const models = compileWorks(parsed.works, lockOf);
  const files = parsed.files.map(({ diagnostics: _, ...file }) => file);
  const works = parsed.works.map(({ diagnostics: _, ...file }) => file);
  const found = [
    ...[...parsed.files, ...parsed.works].flatMap((file) => file.diagnostics),
    ...diagnostics,
    ...over.flatMap((one) => one.diagnostics),
    ...compiled.diagnostics,
    ...models.diagnostics,
  ];
  found.sort((a, b) => compareText(a.file, b.file) || a.range.start - b.range.start);
  const all = { ...compiled.ruleSet, works: models.works, path: root };
  return { ruleSet: withoutRules(all, off), diagnostics: found, files, works, lock, lockOf };
}

const withReleases = (lock: SourceLock | null, releases: RuleText | null): SourceLock | null =>
  lock === null || releases === null ? lock : { ...lock, releases: parseReleases(releases) };

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
