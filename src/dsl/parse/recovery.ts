import type { IToken } from "chevrotain";
import { CstParser, EOF, isRecognitionException, tokenMatcher } from "./chevrotain.ts";
import { expectation, type StrayPlace, type SyntaxProblem, strayProblem } from "./messages.ts";
import { LCurly, RCurly, VOCABULARY } from "./tokens.ts";

/** Where a token stands; written into `IToken.payload` by {@link layOut}. */
interface Layout {
  /** Open braces around it. */
  readonly depth: number;
  /** It is the first token of its line. */
  readonly first: boolean;
  /** Column of the first token of its line. */
  readonly indent: number;
}

const layoutOf = (token: IToken): Layout | undefined => token.payload as Layout | undefined;

/** Notes brace depth and line starts on each token, which is what recovery steers by. */
function layOut(tokens: readonly IToken[]): void {
  let depth = 0;
  let lastLine = 0;
  let indent = 0;
  for (const token of tokens) {
    // The parser pads its input with the one token that ends every text.
    if (token.tokenType === EOF) return;
    if (token.tokenType === RCurly && depth > 0) depth--;
    const first = token.startLine! > lastLine;
    if (first) indent = token.startColumn!;
    const layout: Layout = { depth, first, indent };
    token.payload = layout;
    if (token.tokenType === LCurly) depth++;
    lastLine = token.endLine!;
  }
}

/**
 * A parser that gives up one entry, section, guard or test line at a time. The generator's own
 * recovery guesses by token kinds, which words that are both keyword and name defeat; this one
 * resumes where a person would: at the next line that opens something at the same or an outer
 * level. What failed is left out of the tree; everything in the tree is whole.
 */
export abstract class RecoveringParser extends CstParser {
  problems: SyntaxProblem[] = [];
  #openers: IToken[] = [];
  /** Whether the tokens are laid out: nearly all files have no mistake to recover from. */
  #laidOut = false;

  constructor(skipValidations: boolean) {
    super(VOCABULARY, {
      maxLookahead: 2,
      nodeLocationTracking: "full",
      recoveryEnabled: false,
      errorMessageProvider: expectation,
      skipValidations,
    });
  }

  override reset(): void {
    super.reset();
    this.problems = [];
    this.#openers = [];
    this.#laidOut = false;
  }

  /** Runs `parse`; on a syntax error notes it and skips to the next token `resumes` accepts. */
  protected recovering(resumes: (token: IToken) => boolean, parse: () => void): void {
    if (this.RECORDING_PHASE) {
      parse();
      return;
    }
    const start = this.LA(1);
    const open = this.#openers.length;
    try {
      parse();
    } catch (error) {
      if (!(error instanceof Error) || !isRecognitionException(error)) throw error;
      this.problems.push({
        found: (error as Error & { token: IToken }).token,
        expected: error.message,
        opener: this.#unclosed(error),
      });
      this.#openers.length = open;
      this.#skip(start, resumes);
    }
  }

  /** Notes the token just read, which opens nothing known, and skips what belongs to it. */
  protected stray(place: StrayPlace, resumes: (token: IToken) => boolean): void {
    const found = this.LA(0);
    this.problems.push(strayProblem(place, found));
    this.#skip(found, resumes);
  }

  protected open(): void {
    const brace = this.CONSUME(LCurly);
    this.ACTION(() => this.#openers.push(brace));
  }

  protected close(): void {
    this.CONSUME(RCurly);
    this.ACTION(() => this.#openers.pop());
  }

  #unclosed(error: Error): IToken | null {
    return error.message === RCurly.LABEL ? (this.#openers.at(-1) ?? null) : null;
  }

  #skip(start: IToken, resumes: (token: IToken) => boolean): void {
    if (!this.#laidOut) layOut(this.input);
    this.#laidOut = true;
    const from = layoutOf(start) ?? NOWHERE;
    for (let token = this.LA(1); layoutOf(token) !== undefined; token = this.SKIP_TOKEN()) {
      const { depth, first } = layoutOf(token)!;
      // Columns help where a missing brace has shifted every depth behind it.
      const column = first ? token.startColumn! : Number.POSITIVE_INFINITY;
      if (tokenMatcher(token, RCurly) && (depth < from.depth || column < from.indent)) return;
      if (first && resumes(token) && (depth <= from.depth || column <= from.indent)) return;
    }
  }
}

const NOWHERE: Layout = { depth: 0, first: true, indent: 1 };
