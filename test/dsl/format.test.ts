import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFuse, printFuse } from "../../src/dsl/format/index.ts";
import { Lexer } from "../../src/dsl/parse/chevrotain.ts";
import { parseFuse } from "../../src/dsl/parse/parse-file.ts";
import { VOCABULARY } from "../../src/dsl/parse/tokens.ts";
import { fuseFile, withoutPlaces } from "../support/arbitrary-fuse.ts";

const lexer = new Lexer(VOCABULARY);
const treeOf = (text: string) => {
  const { ast, diagnostics } = parseFuse(text, "x.fuse");
  expect(diagnostics).toEqual([]);
  return withoutPlaces(ast);
};

test("sections take their order, words their spacing, comments stay with what they speak of", () => {
  const text = `// what this is
fuse   1 // edition
import "lib/a.fuse" as a
let x = // first
  name "a" // A
  // other spelling
  | "b" and (op "c" or y) // closed
rule r:fusion{ // about the rule
  test "t" { given tp = 2
    repeat 2 { on main "k" 1us // k
      // end of turn
    }
    expect no match }
  title "T" // title
  split x as s{1..1}->[gap 2us,skip 1]y? repeat>=2 // drawn
  when { tp>=2 framework in [sglang,vllm] }
  status mainline
  // end
}`;
  expect(formatFuse(text)).toMatchInlineSnapshot(`
    "// what this is
    fuse 1 // edition

    import "lib/a.fuse" as a

    let x =
      // first
      name "a" // A
        // other spelling
        | "b"
      and (op "c" or y) // closed

    // about the rule
    rule r : fusion {
      title "T" // title
      status mainline

      when {
        tp >= 2
        framework in [sglang, vllm]
      }

      split x as s{1} -> [skip 1, gap 2us] y? repeat >= 2 // drawn

      test "t" {
        given tp 2
        repeat 2 {
          on main "k" 1us // k
          // end of turn
        }
        expect no match
      }
      // end
    }
    "
  `);
});

test("what does not fit is broken at its joints", () => {
  const long = (letter: string) => `"*${letter.repeat(40)}*"`;
  const text = `fuse 1
let a = name ${long("a")} | ${long("b")} | ${long("c")}
let b = name ${long("a")} or op ${long("b")} and not (a or scope ${long("c")}) or c
rule r : fusion {
  split norm.aaaaaaaaaaaaaaaaaaaaaaaa as first -> [skip 1, gap 10us] norm.bbbbbbbbbbbbbbbbbbbbbbbb as second -> c where first.stream == second.stream
  subsumes ${"another-rule, ".repeat(9)}last
}`;
  expect(formatFuse(text)).toMatchInlineSnapshot(`
    "fuse 1

    let a =
      name "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*"
        | "*bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb*"
        | "*cccccccccccccccccccccccccccccccccccccccc*"
    let b =
      name "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*"
      or op "*bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb*"
        and not (a or scope "*cccccccccccccccccccccccccccccccccccccccc*")
      or c

    rule r : fusion {
      split norm.aaaaaaaaaaaaaaaaaaaaaaaa as first
        -> [skip 1, gap 10us] norm.bbbbbbbbbbbbbbbbbbbbbbbb as second
        -> c
        where first.stream == second.stream

      subsumes
        another-rule,
        another-rule,
        another-rule,
        another-rule,
        another-rule,
        another-rule,
        another-rule,
        another-rule,
        another-rule,
        last
    }
    "
  `);
});

test("a text that does not parse is left alone", () => {
  expect(formatFuse("fuse 1 let  x =")).toBe("fuse 1 let  x =");
});

test("files written the one way stay as they are", () => {
  const root = "test/dsl/fixtures/rules";
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".fuse")) continue;
    const text = readFileSync(`${root}/${name}`, "utf8");
    expect(formatFuse(text), name).toBe(text);
  }
});

test("any tree survives printing and parsing; formatting twice is formatting once", () => {
  fc.assert(
    fc.property(fuseFile, (ast) => {
      const text = printFuse(ast, "");
      expect(treeOf(text)).toEqual(withoutPlaces(ast));
      expect(formatFuse(text)).toBe(text);
    }),
    { numRuns: Number(process.env.FUSE_RUNS ?? 60) },
  );
});

test("comments anywhere are kept, once each, and change nothing else", () => {
  const places = fc.array(fc.tuple(fc.nat(), fc.boolean()), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fuseFile, places, (ast, picks) => {
      const text = commented(printFuse(ast, ""), picks);
      const formatted = formatFuse(text);
      const kept = parseFuse(formatted, "").ast.comments.map((comment) => comment.text);
      expect(kept.sort()).toEqual(picks.map((_, index) => `// c${index}`).sort());
      expect(treeOf(formatted)).toEqual(withoutPlaces(ast));
      expect(formatFuse(formatted)).toBe(formatted);
    }),
    { numRuns: Number(process.env.FUSE_RUNS ?? 60) },
  );
});

/** Puts comments behind tokens of the text, on the same line or on one of their own. */
function commented(text: string, picks: readonly (readonly [number, boolean])[]): string {
  const ends = lexer.tokenize(text).tokens.map((token) => token.endOffset! + 1);
  const inserts = picks
    .map(([pick, own], index) => ({
      at: ends[pick % ends.length]!,
      comment: own ? `\n// c${index}\n` : ` // c${index}\n`,
    }))
    .sort((a, b) => b.at - a.at);
  return inserts.reduce((all, { at, comment }) => all.slice(0, at) + comment + all.slice(at), text);
}
