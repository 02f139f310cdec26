import type { Token, TokenKind } from "./lex.ts";

/** What was expected where; caught where reading can go on. */
export class Unexpected extends Error {
  readonly token: Token;
  readonly wanted: string;

  constructor(token: Token, wanted: string) {
    super(wanted);
    this.token = token;
    this.wanted = wanted;
  }
}

/** A place in the tokens of a file. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens.filter(({ kind }) => kind !== "comment");
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  get before(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)]!;
  }

  isWord(text: string): boolean {
    return this.token.kind === "word" && this.token.text === text;
  }

  isMark(text: string): boolean {
    return this.token.kind === "mark" && this.token.text === text;
  }

  get isOver(): boolean {
    return this.token.kind === "end";
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  expect(kind: TokenKind, wanted: string): Token {
    if (this.token.kind !== kind) throw this.problem(wanted);
    return this.next();
  }

  expectMark(text: string): Token {
    if (!this.isMark(text)) throw this.problem(`\`${text}\``);
    return this.next();
  }

  expectWord(text: string): Token {
    if (!this.isWord(text)) throw this.problem(`\`${text}\``);
    return this.next();
  }

  problem(wanted: string): Unexpected {
    return new Unexpected(this.token, wanted);
  }
}
