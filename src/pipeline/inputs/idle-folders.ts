import { holdsRules, namesVocabulary } from "../../dsl/whole-base.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { RuleSet } from "../../model/rule.ts";

/** A base without categories, to which every kernel is "other". */
export function classifiesNothing(
  { categories, categoriesBy }: RuleSet,
  base: string,
): readonly Diagnostic[] {
  if (categories.length + (categoriesBy?.words.length ?? 0) > 0) return [];
  return [
    {
      code: "classify-nothing",
      severity: "warning",
      message: classifyNothing(base),
      file: base,
      range: { start: 0, end: 0, line: 1, column: 1 },
      help: "lay them over the bundled rules, with --rules",
    },
  ];
}

/** The sentence, for who says it before anything is read too. */
export const classifyNothing = (base: string): string =>
  `the rules in ${base} classify nothing: they define no category, so every kernel is "other"; --rules instead of --rules-only lays them over the bundled ones`;

/**
 * Folders laid over others of which no rule can run and that name nothing change no report.
 *
 * @throws {TriageError} `rules/none-valid` for the first of them
 */
export function refuseIdle(
  { rules, works }: RuleSet,
  over: readonly string[],
  errors: readonly Diagnostic[],
): void {
  const files = [...rules, ...works].map(({ file }) => file);
  for (const folder of over) {
    const prefix = `${folder.replace(/\/+$/, "")}/`;
    const isIn = (file: string): boolean => file.startsWith(prefix);
    if (files.some(isIn) || namesVocabulary(folder)) continue;
    const first = errors.find(({ file }) => isIn(file));
    // Without an error its rules were overridden, or are to be left out.
    if (first === undefined && holdsRules(folder)) continue;
    throw new TriageError({
      code: "rules/none-valid",
      exit: EXIT.rulesInvalid,
      message: `The rules in ${folder} add nothing: ${first?.message ?? "there is neither rule nor category"}`,
      place:
        first === undefined ? folder : `${first.file}:${first.range.line}:${first.range.column}`,
      hint: `rules lint --rules ${folder} tells all; a folder that is not meant is left out of --rules.`,
    });
  }
}
