import type { ILexingResult } from "chevrotain";
import { Lexer } from "./chevrotain.ts";
import { Identifier, keywordOf, SHAPES } from "./tokens.ts";

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
