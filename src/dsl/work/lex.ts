import type { SourceRange } from "../../model/diagnostic.ts";

export type TokenKind = "word" | "number" | "text" | "mark" | "comment" | "end" | "wrong";

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a text what stands between the quotes, escapes resolved. */
  readonly text: string;
  readonly range: SourceRange;
}

/**
 * Longest first. A dash belongs to a word between its letters, as everywhere in the language, but
 * never before a digit: `k-1` is a subtraction.
 */
const SHAPES: readonly (readonly [TokenKind, RegExp])[] = [
  ["comment", /\/\/[^\n\r]*/y],
  ["text", /"(?:[^"\\\n\r]|\\[^\n\r])*"/y],
  ["number", /\d+(?:\.\d+)?/y],
  ["word", /[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*/y],
  ["mark", /==|!=|<=|>=|[-+*/<>=()[\]{},.#|]/y],
];

const BLANK = /[\s\uFEFF]+/y;

/** Words of a text with arithmetic; never throws: what is no token is one of kind `wrong`. */
export function lexWork(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  const place = (end: number): SourceRange => ({
    start: at,
    end,
    line,
    column: at - lineStart + 1,
  });
  while (at < text.length) {
    BLANK.lastIndex = at;
    const blank = BLANK.exec(text)?.[0] ?? "";
    for (let i = 0; i < blank.length; i++)
      if (blank[i] === "\n") {
        line++;
        lineStart = at + i + 1;
      }
    at += blank.length;
    if (at >= text.length) break;
    const found = shapeAt(text, at);
    tokens.push({ kind: found.kind, text: found.text, range: place(at + found.length) });
    at += found.length;
  }
  tokens.push({ kind: "end", text: "", range: place(at) });
  return tokens;
}

function shapeAt(text: string, at: number): { kind: TokenKind; text: string; length: number } {
  for (const [kind, shape] of SHAPES) {
    shape.lastIndex = at;
    const found = shape.exec(text)?.[0];
    if (found === undefined) continue;
    const plain = kind === "text" ? found.slice(1, -1).replace(/\\(.)/g, "$1") : found;
    return { kind, text: kind === "comment" ? found.trimEnd() : plain, length: found.length };
  }
  return { kind: "wrong", text: text[at]!, length: 1 };
}
