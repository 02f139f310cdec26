import type { ILexingResult, ITokenConfig, TokenType } from "chevrotain";
import { createToken, Lexer } from "./chevrotain.ts";

/** Every token except `}`: what recovery may throw away inside a block. */
export const NotBrace = createToken({ name: "NotBrace", pattern: Lexer.NA });
/** Anything that reads as a word. Keywords are words too: `share` may name a class, `report` a capture. */
export const Word = createToken({ name: "Word", pattern: Lexer.NA, label: "a name" });
/** Keywords that open a section of a rule; recovery resumes at them. */
export const SectionWord = createToken({ name: "SectionWord", pattern: Lexer.NA });
/** Keywords that open a top-level entry. */
export const EntryWord = createToken({ name: "EntryWord", pattern: Lexer.NA });
/** Keywords that open a line of a test. */
export const TestWord = createToken({ name: "TestWord", pattern: Lexer.NA });
export const Comparator = createToken({ name: "Comparator", pattern: Lexer.NA });

const all: TokenType[] = [];

function token(name: string, config: Omit<ITokenConfig, "name">): TokenType {
  const made = createToken({ categories: NotBrace, ...config, name });
  all.push(made);
  return made;
}

export const WhiteSpace = token("WhiteSpace", {
  pattern: /[ \t\r\n\uFEFF]+/,
  group: Lexer.SKIPPED,
});
export const Comment = token("Comment", { pattern: /\/\/[^\n\r]*/, group: "comments" });
/** Of older files: lexed so that one expression is one error that says what to write. */
export const RegularExpression = token("RegularExpression", {
  pattern: /\/(?:[^/\\\n\r]|\\[^\n\r])+\/\w*/,
  label: "a regular expression",
});
export const Quoted = token("Quoted", {
  pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*"/,
  label: "a quoted text",
});
/** Lexed so that one missing quote is one error with a place, not a string of odd characters. */
export const UnclosedQuote = token("UnclosedQuote", {
  pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*\\?/,
  label: "a text without its closing quote",
});
export const Day = token("Day", {
  pattern: /\d{4}-\d{2}(?:-\d{2})?/,
  label: "a date such as 2026-08-22",
});
export const Duration = token("Duration", {
  pattern: /\d+(?:\.\d+)?(?:ns|us|ms)/,
  label: "a duration such as 5us",
});
export const Percent = token("Percent", {
  pattern: /\d+(?:\.\d+)?%/,
  label: "a percentage such as 0.5%",
});
/** No construct takes one; it exists so that `0.5` is shown whole in the message. */
export const Decimal = token("Decimal", { pattern: /\d+\.\d+/ });
export const Int = token("Int", { pattern: /\d+/, label: "a whole number" });

export const Arrow = token("Arrow", { pattern: "->", label: "`->`" });
export const Equal = token("Equal", { pattern: "==", label: "`==`" });
export const NotEqual = token("NotEqual", { pattern: "!=", label: "`!=`" });
const comparator = { categories: [NotBrace, Comparator] };
export const AtLeast = token("AtLeast", { pattern: ">=", label: "`>=`", ...comparator });
export const AtMost = token("AtMost", { pattern: "<=", label: "`<=`", ...comparator });
export const More = token("More", { pattern: ">", label: "`>`", ...comparator });
export const Less = token("Less", { pattern: "<", label: "`<`", ...comparator });
export const Equals = token("Equals", { pattern: "=", label: "`=`" });
export const Dots = token("Dots", { pattern: "..", label: "`..`" });
export const Dot = token("Dot", { pattern: ".", label: "`.`" });
export const Comma = token("Comma", { pattern: ",", label: "`,`" });
export const Colon = token("Colon", { pattern: ":", label: "`:`" });
export const Bar = token("Bar", { pattern: "|", label: "`|`" });
export const Question = token("Question", { pattern: "?", label: "`?`" });
export const AtSign = token("AtSign", { pattern: "@", label: "`@`" });
export const LCurly = token("LCurly", { pattern: "{", label: "`{`" });
export const RCurly = token("RCurly", { pattern: "}", label: "`}`", categories: [] });
export const LSquare = token("LSquare", { pattern: "[", label: "`[`" });
export const RSquare = token("RSquare", { pattern: "]", label: "`]`" });
export const LParen = token("LParen", { pattern: "(", label: "`(`" });
export const RParen = token("RParen", { pattern: ")", label: "`)`" });

/** A dash belongs to a name only between its letters, so that `a->b` reads as three tokens. */
export const Identifier = createToken({
  name: "Identifier",
  pattern: /[A-Za-z_](?:\w|-(?=\w))*/,
  categories: [NotBrace, Word],
});

/** Keywords by their spelling. */
const keywords = new Map<string, TokenType>();

/** Words with a fixed meaning wherever a name may stand; they cannot name anything. */
function reserved(text: string, ...categories: TokenType[]): TokenType {
  const made = createToken({
    name: text.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase()),
    pattern: text,
    label: `\`${text}\``,
    longer_alt: Identifier,
    categories: [NotBrace, ...categories],
  });
  keywords.set(text, made);
  return made;
}

/** A keyword that is also a {@link Word}. */
function keyword(text: string, ...categories: TokenType[]): TokenType {
  return reserved(text, Word, ...categories);
}

export const And = reserved("and");
export const Or = reserved("or");
export const Not = reserved("not");

export const Fuse = keyword("fuse", EntryWord);
export const Import = keyword("import", EntryWord);
export const Rule = keyword("rule", EntryWord);
export const Category = keyword("category", EntryWord);
export const Role = keyword("role", EntryWord);
export const Library = keyword("library", EntryWord);
export const Let = keyword("let", EntryWord, SectionWord);

export const Title = keyword("title", SectionWord);
export const Status = keyword("status", SectionWord);
export const Since = keyword("since", SectionWord);
export const Owner = keyword("owner", SectionWord);
export const Rev = keyword("rev", SectionWord);
export const Tags = keyword("tags", SectionWord);
export const Source = keyword("source", SectionWord);
export const Ref = keyword("ref", SectionWord);
export const When = keyword("when", SectionWord);
export const Active = keyword("active", SectionWord);
export const Partial = keyword("partial", SectionWord);
export const Split = keyword("split", SectionWord);
export const Report = keyword("report", SectionWord);
export const Subsumes = keyword("subsumes", SectionWord);
export const Conflicts = keyword("conflicts", SectionWord);
export const Toggle = keyword("toggle", SectionWord);
export const Saves = keyword("saves", SectionWord);
export const Verdict = keyword("verdict", SectionWord);
export const Advice = keyword("advice", SectionWord);
export const Test = keyword("test", SectionWord);

export const Mainline = keyword("mainline");
export const Experimental = keyword("experimental");
export const InFlight = keyword("in-flight");
export const Deprecated = keyword("deprecated");
export const Pr = keyword("pr");
export const Checked = keyword("checked");
export const Until = keyword("until");
export const Use = keyword("use");

export const In = keyword("in");
export const Like = keyword("like");
export const Except = keyword("except");

export const Where = keyword("where");
export const AnyOrder = keyword("any-order");
export const Within = keyword("within");
export const Kernels = keyword("kernels");
export const Overlap = keyword("overlap");
export const With = keyword("with");
export const Skip = keyword("skip");
export const Gap = keyword("gap");
export const Without = keyword("without");
export const Past = keyword("past");
export const As = keyword("as");
export const By = keyword("by");
export const Words = keyword("words");
export const Share = keyword("share");

export const Given = keyword("given", TestWord);
export const On = keyword("on", TestWord);
export const Repeat = keyword("repeat", TestWord);
export const Expect = keyword("expect", TestWord);
export const Drop = keyword("drop", TestWord);
export const Swap = keyword("swap", TestWord);
export const Change = keyword("change", TestWord);
export const Before = keyword("before");
export const Stream = keyword("stream");
export const After = keyword("after");
export const At = keyword("at");
export const Op = keyword("op");
export const Scope = keyword("scope");
export const Frame = keyword("frame");
export const Match = keyword("match");
export const No = keyword("no");
export const Times = keyword("times");
export const Because = keyword("because");
export const Guard = keyword("guard");
export const Pattern = keyword("pattern");

/** Longer keywords first: `not` must be tried before `no`, `in-flight` before `in`. */
const keywordTokens = [...keywords].sort(([a], [b]) => b.length - a.length).map(([, made]) => made);

export const VOCABULARY: TokenType[] = [
  NotBrace,
  Word,
  SectionWord,
  EntryWord,
  TestWord,
  Comparator,
  ...all,
  ...keywordTokens,
  Identifier,
];

/** What keywords look like at first: names. {@link keywordOf} tells them apart. */
export const SHAPES = VOCABULARY.filter((type) => !keywordTokens.includes(type));

export const keywordOf = (word: string): TokenType | undefined => keywords.get(word);

/** Spellings of the keywords that open a section, an entry or a test line, for hints. */
export const spellings = (category: TokenType): string[] =>
  [...keywords].filter(([, made]) => made.CATEGORIES?.includes(category)).map(([text]) => text);

let lexer: InstanceType<typeof Lexer> | undefined;

/**
 * Text → tokens of the vocabulary, comments beside them. Words are read as names and then looked
 * up: the generator would try each keyword of the same first letter, one expression a time, which
 * takes half as long again.
 */
export function tokenize(text: string): ILexingResult {
  lexer ??= new Lexer(SHAPES, { ensureOptimizations: true, skipValidations: true });
  const lexed = lexer.tokenize(text);
  for (const token of lexed.tokens) {
    const keyword = token.tokenType === Identifier ? keywordOf(token.image) : undefined;
    if (keyword === undefined) continue;
    token.tokenType = keyword;
    token.tokenTypeIdx = keyword.tokenTypeIdx!;
  }
  return lexed;
}
