import { readdirSync, readFileSync } from "node:fs";
import type { ILexingResult } from "chevrotain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Lexer } from "../../src/dsl/parse/chevrotain.ts";
import { tokenize, VOCABULARY } from "../../src/dsl/parse/tokens.ts";

const lexer = new Lexer(VOCABULARY);

/** What a text is made of, as the whole vocabulary or the quicker way reads it. */
const shown = ({ tokens, groups, errors }: ILexingResult) => ({
  tokens: tokens.map(({ tokenType, ...token }) => ({ ...token, type: tokenType.name })),
  comments: groups.comments,
  errors: errors.map(({ message, ...place }) => place),
});

test("files of the rules are read as the whole vocabulary reads them", () => {
  const files = readdirSync("rules", { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".fuse")).slice(0, 40)) {
    const text = readFileSync(`rules/${file}`, "utf8");
    expect(shown(tokenize(text))).toEqual(shown(lexer.tokenize(text)));
  }
});

test("so is anything else: keywords, what begins like them, and what no token begins with", () => {
  const words = VOCABULARY.flatMap(({ PATTERN }) => (typeof PATTERN === "string" ? [PATTERN] : []));
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...words) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("-", "_", "x", "7", " ", "\n", "\r\n", '"', "/", "\\"),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      expect(shown(tokenize(text))).toEqual(shown(lexer.tokenize(text)));
    }),
    { numRuns: 300 },
  );
});
