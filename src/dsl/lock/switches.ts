import type { SourceRange } from "../../model/diagnostic.ts";
import type { TextNode } from "../ast.ts";
import type { RuleUnit } from "../checks/check.ts";

/** A switch that a rule tells somebody to set. */
export interface NamedSwitch {
  readonly word: string;
  readonly rule: string;
  readonly file: string;
  readonly range: SourceRange;
}

/** An option of a command line, and a variable of the environment. */
const SWITCHES =
  /(?<![\w-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)+)|(?<![\w])([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?![\w])/g;

/** Switches in `toggle` and `advice` of rules that are about one engine, the one of a repository; what waits for a merge brings its own. */
export function switchesOf(repo: string, rules: readonly RuleUnit[]): readonly NamedSwitch[] {
  return rules
    .filter(({ rule }) => rule.status !== "in-flight" && isAbout(repo, rule))
    .flatMap(({ rule, node, file }) => {
      const texts = [
        ...(node.toggle === null ? [] : [node.toggle.value]),
        ...node.messages.filter(({ kind }) => kind === "advice").map(({ template }) => template),
      ];
      return texts.flatMap((text) =>
        [...text.text.matchAll(SWITCHES)].map((found) => ({
          word: found[1] ?? found[2]!,
          ...{ rule: rule.id, file: file.file, range: placeIn(text, found) },
        })),
      );
    });
}

function isAbout(repo: string, { guards, origin }: RuleUnit["rule"]): boolean {
  const engines = guards.flatMap((guard) =>
    guard.fact === "framework" && guard.op === "in" ? guard.values : [],
  );
  return engines.length === 0 ? origin === repo : engines.length === 1 && engines[0] === repo;
}

/** Ways in which code may write a switch: as it is typed, and as the field it fills. */
export const spellingsOf = (word: string): readonly string[] =>
  word.includes("-") ? [`--${word}`, word.replaceAll("-", "_")] : [word];

/** Where the text has escapes before it, the whole text. */
function placeIn({ range, text }: TextNode, { index, 0: found }: RegExpMatchArray): SourceRange {
  if (range.end - range.start !== text.length + 2) return range;
  const start = range.start + 1 + index!;
  return { start, end: start + found.length, line: range.line, column: range.column + 1 + index! };
}
