import type { IParserErrorMessageProvider, IToken, TokenType } from "chevrotain";
import { nearestWord } from "../../base/nearest.ts";
import type { Diagnostic, SourceRange } from "../../model/diagnostic.ts";
import { EOF, tokenLabel, tokenMatcher } from "./chevrotain.ts";
import { removedConstruct } from "./removed.ts";
import {
  And,
  Comparator,
  EntryWord,
  Not,
  Or,
  RCurly,
  SectionWord,
  spellings,
  TestWord,
  UnclosedQuote,
  Word,
} from "./tokens.ts";

/** A place where the text stopped being the language. */
export interface SyntaxProblem {
  /** The token that does not fit. */
  readonly found: IToken;
  /** What would have fitted, ready to follow "expected". Known words stand in backticks. */
  readonly expected?: string;
  /** The brace that `found` should have closed, when a closing brace is missing. */
  readonly opener: IToken | null;
  /** The whole message, where "expected …" would not say it. */
  readonly message?: string;
  /** Words that may have been meant, when they are not in `expected`. */
  readonly candidates?: readonly string[];
}

const listed = (tokens: readonly TokenType[]): string => {
  const labels = [...new Set(tokens.map(tokenLabel))];
  const last = labels.pop() ?? "something else";
  return labels.length === 0 ? last : `${labels.join(", ")} or ${last}`;
};

/**
 * The generator asks for whole sentences; we answer only what was expected there and make the
 * sentence in {@link describeProblem}, where the found token and the text are at hand.
 */
export const expectation: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => tokenLabel(expected),
  buildNotAllInputParsedMessage: () => "the end of the file",
  buildNoViableAltMessage: ({ expectedPathsPerAlt, customUserDescription }) =>
    customUserDescription ??
    listed(expectedPathsPerAlt.flatMap((paths) => paths.flatMap((path) => path.slice(0, 1)))),
  buildEarlyExitMessage: ({ expectedIterationPaths, customUserDescription }) =>
    customUserDescription ?? listed(expectedIterationPaths.flatMap((path) => path.slice(0, 1))),
};

const LONGEST_QUOTE = 40;

/** A token as a message shows it. */
function shown(token: IToken): string {
  if (token.tokenType === EOF) return "the end of the file";
  const { image } = token;
  return `\`${image.length > LONGEST_QUOTE ? `${image.slice(0, LONGEST_QUOTE)}…` : image}\``;
}

export function rangeOf(token: IToken): SourceRange {
  return {
    start: token.startOffset,
    end: token.endOffset! + 1,
    line: token.startLine!,
    column: token.startColumn!,
  };
}

/** Syntax problem → diagnostic syntax. `end` is the place of the end of the text. */
export function describeProblem(
  problem: SyntaxProblem,
  file: string,
  end: SourceRange,
): Diagnostic {
  const { found, opener } = problem;
  const base = { code: "syntax", severity: "error", file } as const;
  if (found.tokenType === EOF && opener !== null)
    return {
      ...base,
      message: "expected `}` before the end of the file",
      range: rangeOf(opener),
      help: "this `{` is never closed",
    };
  const range = found.tokenType === EOF ? end : rangeOf(found);
  if (found.tokenType === UnclosedQuote)
    return {
      ...base,
      message: "this text has no closing quote on its line",
      range,
      help: 'close it with `"`; inside a text a quote is written `\\"`',
    };
  const removed = removedConstruct(found);
  if (removed !== null) return { ...base, range, ...removed };
  const message = problem.message ?? `expected ${problem.expected}, found ${shown(found)}`;
  return {
    ...base,
    message,
    range,
    ...hint(problem),
    ...(opener === null
      ? {}
      : { related: [{ file, range: rangeOf(opener), message: "this `{` is still open" }] }),
  };
}

/** Where a token stood that opens nothing known there. */
export type StrayPlace = "entry" | "section" | "guard" | "test";

const STRAY: Record<StrayPlace, { what: string; expected: string; opens: TokenType }> = {
  entry: {
    what: "an entry of a file",
    expected: "`import`, `let`, `category`, `role`, `library` or `rule`",
    opens: EntryWord,
  },
  section: {
    what: "a section of a rule",
    expected: "a section such as `title`, `when` or `split`, or `}`",
    opens: SectionWord,
  },
  guard: { what: "a guard", expected: "a guard such as tp >= 2, or `}`", opens: Comparator },
  test: {
    what: "a line of a test",
    expected: "`given`, `on`, `repeat`, `expect`, a change such as `drop`, or `}`",
    opens: TestWord,
  },
};

export function strayProblem(place: StrayPlace, found: IToken): SyntaxProblem {
  const { what, expected, opens } = STRAY[place];
  const candidates = spellings(opens);
  if (found.tokenType === RCurly)
    return { found, opener: null, message: "this `}` closes nothing" };
  if (place === "entry" && tokenMatcher(found, SectionWord))
    return { found, opener: null, message: `${shown(found)} stands outside of any rule` };
  if (!tokenMatcher(found, Word)) return { found, opener: null, expected };
  return { found, opener: null, message: `${shown(found)} is not ${what}`, candidates };
}

function hint({ found, expected, candidates }: SyntaxProblem): { help?: string } {
  const isWord = [Word, And, Or, Not].some((type) => tokenMatcher(found, type));
  if (!isWord) return {};
  const named = [...(expected ?? "").matchAll(/`([\w-]+)`/g)].map((hit) => hit[1]!);
  return didYouMean(found.image, candidates ?? named);
}

/** The hint to spread into a remark about an unknown word; empty when nothing is near. */
export function didYouMean(word: string, known: Iterable<string>): { help?: string } {
  const meant = nearestWord(word, known);
  return meant === null || meant === word ? {} : { help: `did you mean \`${meant}\`?` };
}
