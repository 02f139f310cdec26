import { expect, test } from "vitest";
import { Lexer } from "../../src/dsl/parse/chevrotain.ts";
import { FuseParser } from "../../src/dsl/parse/grammar.ts";
import { VOCABULARY } from "../../src/dsl/parse/tokens.ts";

test("the grammar passes the generator's own checks (no ambiguity, no left recursion)", () => {
  // Skipped in use, because they cost more than all the parsing.
  expect(() => new FuseParser({ skipValidations: false })).not.toThrow();
});

test("the tokens pass the lexer's own checks and need no slow path", () => {
  const lexer = new Lexer(VOCABULARY, { ensureOptimizations: true });
  expect(lexer.lexerDefinitionErrors).toEqual([]);
});

test("every token but the abstract ones is used by some rule", () => {
  const used = new Set(
    JSON.stringify(new FuseParser().getSerializedGastProductions()).match(/"name":"\w+"/g),
  );
  const unused = VOCABULARY.filter(
    ({ name, GROUP, PATTERN }) =>
      GROUP === undefined && PATTERN !== Lexer.NA && !used.has(`"name":"${name}"`),
  ).map(({ name }) => name);
  // Comparators are consumed by their category; the others only appear in messages.
  expect(unused).toEqual([
    "RegularExpression",
    "UnclosedQuote",
    "Decimal",
    "AtMost",
    "More",
    "Less",
    "Identifier",
  ]);
});
