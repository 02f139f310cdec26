import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CstNode, IToken } from "chevrotain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FUSE_GRAMMAR } from "../../scripts/fuse-textmate-grammar.ts";
import { printFuse } from "../../src/dsl/format/index.ts";
import { Lexer } from "../../src/dsl/parse/chevrotain.ts";
import { FuseParser } from "../../src/dsl/parse/grammar.ts";
import { Identifier, VOCABULARY, Word } from "../../src/dsl/parse/tokens.ts";
import { fuseFile } from "../support/arbitrary-fuse.ts";
import { type Highlighted, loadHighlighter } from "./fuse-highlighter.ts";

const highlight = await loadHighlighter();
const lexer = new Lexer(VOCABULARY);
const parser = new FuseParser();

const SAMPLE = `fuse 1 // the edition
import "lib/norm.fuse" as norm
let act = norm.any or (name "*si\\"lu*" | "gelu*" and not scope "vision")
category gemm "GEMM" = act
rule add-norm : fusion {
  title "Add and {norm}"
  status in-flight pr "a/b#1", "a/b#2" checked 2026-08-22
  source vllm @ abc123 "x.cu#y"
  tags report, "norms"
  when {
    framework in [vllm, sglang]
    tp >= 2
    model like "*qwen*" except "*vl*"
  }
  active overlap as title -> share as report
  partial any-order { act as one, norm.any? } within 12 kernels
  split overlap act as left with norm.any as right >= 20%
  split act as x{1..2}
    -> [skip 1, gap 1.5us, past copies.any | act] norm.add as y
    where x.scope == y.scope and x.op != y.op
    repeat >= 2
  report share >= 0.4%
  saves report, x
  verdict split "{x.name} runs {count}x"
  test "apart" {
    given framework vllm, tp 2
    repeat 2 {
      on main "add<int>" 2us after 1us op "aten::add"
    }
    expect match split 2 times
    expect no match because guard framework
  }
}
`;

/** Innermost scope, without the language's name, of the nth such word of a line of the sample. */
function scopeIn(line: RegExp, word: string, nth = 0): string {
  const number = SAMPLE.split("\n").findIndex((text) => line.test(text)) + 1;
  const tokens = highlight(SAMPLE).filter((one) => one.line === number && one.text === word);
  return innermost(tokens[nth]!);
}

const innermost = ({ scopes }: Highlighted): string => scopes.at(-1)!.replace(/\.fuse$/, "");

test.each([
  [/^fuse/, "fuse", "keyword.control.edition"],
  [/^fuse/, "// the edition", "comment.line.double-slash"],
  [/^import/, "norm", "entity.name.namespace"],
  [/^let/, "act", "entity.name.type.class"],
  [/^let/, "any", "entity.name.type.class"],
  [/^let/, "name", "support.type.field"],
  [/^let/, "not", "keyword.operator.logical"],
  [/^let/, '\\"', "constant.character.escape"],
  [/^category/, "gemm", "entity.name.tag.vocabulary"],
  [/^rule/, "add-norm", "entity.name.function.rule"],
  [/^rule/, "fusion", "storage.type.kind"],
  [/title "/, "title", "keyword.other.section"],
  [/title "/, "Add and {norm}", "string.quoted.double"],
  [/status/, "in-flight", "constant.language.status"],
  [/status/, "2026-08-22", "constant.numeric.day"],
  [/source/, "vllm", "entity.name.repository"],
  [/source/, "abc123", "constant.other.commit"],
  [/tags/, "report", "constant.other.tag"],
  [/framework in/, "framework", "variable.other.fact"],
  [/framework in/, "sglang", "constant.other.value"],
  [/tp >=/, "2", "constant.numeric.integer"],
  [/model like/, "except", "keyword.operator.like"],
  [/active/, "active", "keyword.control.state"],
  [/active/, "overlap", "entity.name.type.class"],
  [/active/, "title", "variable.other.capture"],
  [/active/, "->", "keyword.operator.arrow"],
  [/active/, "share", "entity.name.type.class"],
  [/active/, "report", "variable.other.capture"],
  [/any-order/, "any-order", "keyword.control"],
  [/any-order/, "?", "keyword.operator.quantifier"],
  [/split overlap/, "overlap", "keyword.control"],
  [/split overlap/, "20", "constant.numeric.percent"],
  [/-> \[/, "skip", "storage.modifier.option"],
  [/-> \[/, "1.5", "constant.numeric.duration"],
  [/-> \[/, "copies", "entity.name.namespace"],
  [/-> \[/, "y", "variable.other.capture"],
  [/where/, "scope", "support.type.field"],
  [/report share/, "share", "keyword.other.section"],
  [/saves/, "report", "variable.other.capture"],
  [/verdict/, "{x.name}", "variable.other.placeholder"],
  [/given/, "tp", "variable.other.fact"],
  [/on main/, "main", "variable.other.stream"],
  [/on main/, "after", "storage.modifier.option"],
  [/on main/, "op", "storage.modifier.field"],
  [/expect match/, "split", "keyword.control.state"],
  [/expect no/, "guard", "constant.language.reason"],
  [/expect no/, "framework", "variable.other.fact"],
])("in the line %s, %s is %s", (line, word, scope) => {
  expect(scopeIn(line, word)).toBe(scope);
});

const ruleFiles = readdirSync("rules", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".fuse") && !name.startsWith("work"))
  .sort()
  .map((name) => join("rules", name));

test("every rule file is coloured as the parser reads it, down to the last character", () => {
  expect(ruleFiles.length).toBeGreaterThan(100);
  for (const file of ruleFiles) expect(misreadings(readFileSync(file, "utf8")), file).toEqual([]);
});

test("so is whatever else the language can express", () => {
  fc.assert(
    fc.property(fuseFile, (file) => {
      expect(misreadings(printFuse(file, ""))).toEqual([]);
    }),
    { numRuns: 150, seed: 20260822 },
  );
});

test("a missing quote or slash, and a comment, end with their line", () => {
  const text = 'let a = name "open\nlet b = name /open\nlet c = b // end\nlet d = c';
  for (const { scopes } of highlight(text).filter((one) => /let/.test(one.text)))
    expect(scopes).toEqual(["source.fuse", "storage.type.let.fuse"]);
  expect(highlight(text).filter((one) => one.text === "let")).toHaveLength(4);
});

test("what the language has no place for is marked", () => {
  const text =
    'rule a : fusion {\n  titel "x"\n  when { tp ~ 2 }\n  test "t" { expects match }\n}\nend';
  const marked = highlight(text).filter((one) => innermost(one) === "invalid.illegal.stray");
  expect(marked.map((one) => one.text)).toEqual(["titel", "~", "expects", "match", "end"]);
});

test("the file that editors read is built from its source", () => {
  const built = readFileSync("editors/vscode/syntaxes/fuse.tmLanguage.json", "utf8");
  expect(JSON.parse(built)).toEqual(FUSE_GRAMMAR);
});

test("the editor's idea of a word, and its keywords, are the language's", () => {
  const settings = JSON.parse(readFileSync("editors/vscode/language-configuration.json", "utf8"));
  expect(settings.wordPattern).toBe((Identifier.PATTERN as RegExp).source);
  const grammar = readFileSync("editors/vscode/syntaxes/fuse.tmLanguage.json", "utf8");
  const keywords = VOCABULARY.flatMap(({ PATTERN }) =>
    typeof PATTERN === "string" && /^[a-z]/.test(PATTERN) ? [PATTERN] : [],
  );
  const isKnown = (word: string) => new RegExp(`[(|]${word}[)|]`).test(grammar);
  expect(keywords.filter((word) => !isKnown(word))).toEqual([]);
});

test.each([
  ["rule a : fusion { // open", true],
  ["  -> [", true],
  ['  title "a {"', false],
  ["  // {", false],
  ["  step{2}", false],
])("after `%s` the editor indents: %s", (line, indents) => {
  const settings = JSON.parse(readFileSync("editors/vscode/language-configuration.json", "utf8"));
  expect(new RegExp(settings.indentationRules.increaseIndentPattern).test(line)).toBe(indents);
});

/**
 * Where colours and parser differ: a word is coloured as a keyword when the parser took it for one
 * and only then; texts and comments cover what the lexer says; nothing is left bare.
 */
function misreadings(text: string): string[] {
  const tokens = highlight(text);
  const scopeAt: string[] = [];
  for (const one of tokens)
    for (let at = 0; at < one.text.length; at++) scopeAt[one.start + at] = innermost(one);
  const isInText = inTexts(tokens, text.length);
  const lexed = lexer.tokenize(text);
  parser.input = lexed.tokens;
  const tree = parser.file();
  const said: string[] = parser.errors.map(({ message }) => message);
  const complain = (token: IToken, what: string) =>
    said.push(`${token.startLine}:${token.startColumn} ${token.image} ${what}`);
  for (const [token, type] of consumed(tree)) {
    const scopes = new Set(scopeAt.slice(token.startOffset, token.endOffset! + 1));
    for (const scope of scopes) if (/^(source|meta|invalid)\b/.test(scope)) complain(token, scope);
    if (/^[A-Za-z_]/.test(token.image)) {
      const isName = type === Word.name || type === "Identifier";
      const [scope = ""] = scopes;
      if (scopes.size !== 1) complain(token, `is torn: ${[...scopes].join(", ")}`);
      else if (isName === isKeyword(scope)) complain(token, `is no ${scope}`);
    }
    const whole = type === "Quoted";
    for (let at = token.startOffset; at <= token.endOffset!; at++)
      if (isInText[at] !== whole) complain(token, whole ? "is no text" : "is text");
  }
  for (const comment of lexed.groups.comments ?? [])
    if (scopeAt[comment.endOffset!] !== "comment.line.double-slash") complain(comment, "is code");
  return said;
}

const isKeyword = (scope: string): boolean =>
  /^(keyword|constant\.language|storage\.(type\.(let|rule|vocabulary)|modifier))\b/.test(scope);

function inTexts(tokens: readonly Highlighted[], length: number): boolean[] {
  const inText = new Array<boolean>(length).fill(false);
  for (const { scopes, start, text } of tokens)
    if (scopes.some((scope) => scope.startsWith("string.")))
      inText.fill(true, start, start + text.length);
  return inText;
}

/** Tokens of the tree, each with what the grammar took it for. */
function* consumed(node: CstNode): Iterable<[IToken, string]> {
  for (const [type, children] of Object.entries(node.children))
    for (const child of children)
      if ("children" in child) yield* consumed(child);
      else if (!Number.isNaN(child.startOffset)) yield [child, type];
}
