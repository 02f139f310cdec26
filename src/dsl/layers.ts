import type { RuleSet } from "../model/rule.ts";
import type { ParsedTexts } from "./load-texts.ts";
import type { RuleText } from "./read-rule-texts.ts";
import type { ReadLock, SourceLock } from "./source-lock.ts";

/**
 * Folders of rules laid over each other. A rule of an upper folder takes the place of a lower one's
 * of the same id. Classes are looked up from where they are named: an upper folder sees the library
 * files below it and, before them, its own; a lower one never sees those above, so that nothing
 * private can break what it is laid over.
 */

/** Place of a file that does not lie in the base. */
export interface PlaceOver {
  readonly layer: number;
  /** Below its own folder. */
  readonly path: string;
}

/** Without the rules and models whose id a folder above has too. Ids are compared without case. */
export function uppermost(parsed: ParsedTexts): ParsedTexts {
  if (![...parsed.files, ...parsed.works].some(({ layer = 0 }) => layer > 0)) return parsed;
  return {
    files: uppermostOf(parsed.files, ({ ast }) => ast.rules.map(({ id }) => id.text)),
    works: uppermostOf(parsed.works, ({ ast }) => (ast.work === null ? [] : [ast.work.id.text])),
  };
}

function uppermostOf<T extends RuleText>(
  files: readonly T[],
  idsOf: (file: T) => readonly string[],
): readonly T[] {
  const highest = new Map<string, number>();
  for (const file of files)
    for (const id of idsOf(file)) {
      const key = id.toLowerCase();
      highest.set(key, Math.max(highest.get(key) ?? 0, file.layer ?? 0));
    }
  return files.filter((file) => {
    const ids = idsOf(file);
    return (
      ids.length === 0 || ids.some((id) => highest.get(id.toLowerCase()) === (file.layer ?? 0))
    );
  });
}

/** Where files above the base lie, by the name that messages give them. */
export function placesOver(files: readonly RuleText[]): ReadonlyMap<string, PlaceOver> {
  return new Map(
    files.flatMap(({ file, path, layer = 0 }) => (layer === 0 ? [] : [[file, { layer, path }]])),
  );
}

/**
 * By layer: what its sources are looked up in. A repository that an upper lock names is the upper
 * lock's alone, commit and files; the others are as below.
 */
export function stackedLocks(
  base: SourceLock | null,
  over: readonly ReadLock[],
): readonly (SourceLock | null)[] {
  const locks = [base];
  for (const { lock } of over) locks.push(stacked(locks.at(-1)!, lock));
  return locks;
}

function stacked(below: SourceLock | null, own: SourceLock | null): SourceLock | null {
  if (own === null || below === null) return own ?? below;
  const kept = Object.entries(below.files).filter(([repo]) => !Object.hasOwn(own.repos, repo));
  return {
    repos: { ...below.repos, ...own.repos },
    files: { ...Object.fromEntries(kept), ...own.files },
    releases: new Map([
      ...[...(below.releases ?? [])].filter(([repo]) => !Object.hasOwn(own.repos, repo)),
      ...(own.releases ?? []),
    ]),
  };
}

/** Without the rules and work models of these ids, and without what other rules say of them. */
export function withoutRules(ruleSet: RuleSet, off: readonly string[]): RuleSet {
  if (off.length === 0) return ruleSet;
  const isOff = (id: string): boolean => off.includes(id);
  const kept = (ids: readonly string[]): readonly string[] => ids.filter((id) => !isOff(id));
  return {
    ...ruleSet,
    rules: ruleSet.rules
      .filter(({ id }) => !isOff(id))
      .map((rule) => ({
        ...rule,
        replacedBy: rule.replacedBy === null || isOff(rule.replacedBy) ? null : rule.replacedBy,
        subsumes: kept(rule.subsumes),
        conflicts: kept(rule.conflicts),
      })),
    works: ruleSet.works.filter(({ id }) => !isOff(id)),
  };
}
