import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileRules } from "../../src/dsl/compile/index.ts";
import { formatFuse } from "../../src/dsl/format/index.ts";
import { parseFuse } from "../../src/dsl/parse/parse-file.ts";
import { VOCABULARY } from "../../src/dsl/parse/tokens.ts";

/** Cases per property; FUSE_FUZZ=50000 for the long run (two properties: 100,000 texts). */
const RUNS = Number(process.env.FUSE_FUZZ ?? 500);
/** No text of this size may take longer, on a busy machine and before the code is warm. */
const SLOWEST_MS = 5_000;

const ROOT = "test/dsl/fixtures/rules";
const SAMPLES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".fuse"))
  .map((name) => readFileSync(`${ROOT}/${name}`, "utf8"));

const WORDS = VOCABULARY.flatMap(({ PATTERN }) => (typeof PATTERN === "string" ? [PATTERN] : []));

/** Checks what holds for every text, however broken. */
function holds(text: string): void {
  const started = performance.now();
  const { ast, diagnostics } = parseFuse(text, "fuse/x/r.fuse");
  expect(performance.now() - started).toBeLessThan(SLOWEST_MS);
  expect(ast.complete).toBe(diagnostics.length === 0);
  let last = 0;
  for (const { range, message, code } of diagnostics) {
    expect(message).not.toBe("");
    expect(["missing-edition", "syntax"]).toContain(code);
    expect(range.start).toBeGreaterThanOrEqual(last);
    expect(range.end).toBeGreaterThanOrEqual(range.start);
    expect(range.end).toBeLessThanOrEqual(text.length);
    expect(range).toMatchObject(placeOf(text, range.start));
    last = range.start;
  }
  compileRules([ast], null);
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

test("texts of random words, signs and characters never throw, and errors have a place", () => {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("\n", "\r\n", " ", "\t", "// c\n", "x", "a-b", "1.5us"),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('"a*"', '"\\q"', '"', "/r/", "/", "2026-08", "5%", "0.5", "7"),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 5 }) },
  );
  const text = fc
    .array(fc.tuple(piece, fc.constantFrom(" ", "\n", "")), { maxLength: 60 })
    .map((pieces) => pieces.flat().join(""));
  fc.assert(
    fc.property(fc.boolean(), text, (headed, rest) =>
      holds(headed ? `fuse 1\nrule r : fusion {\n${rest}` : rest),
    ),
    { numRuns: RUNS },
  );
});

test("rules with pieces cut out, doubled or put in never throw, and errors have a place", () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(12),
    insert: fc.oneof(
      fc.constant(""),
      fc.constantFrom(...WORDS),
      fc.constantFrom("\n", '"', "//", "/", "{{", "}}", "\u2028", "\uFEFF", "\0"),
    ),
  });
  const mutated = fc
    .tuple(fc.constantFrom(...SAMPLES), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([sample, edits]) =>
      edits.reduce((text, { at, cut, insert }) => {
        const from = Math.floor(at * text.length);
        return text.slice(0, from) + insert + text.slice(from + cut);
      }, sample),
    );
  fc.assert(
    fc.property(mutated, (text) => {
      holds(text);
      // Many edits fall into texts and comments, and leave a sound file.
      const formatted = formatFuse(text);
      expect(formatFuse(formatted)).toBe(formatted);
    }),
    { numRuns: RUNS },
  );
});
