import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lexWork } from "../../src/dsl/work/lex.ts";
import { WORK_SECTIONS } from "../../src/dsl/work/parse.ts";
import { WORK_FUNCTIONS } from "../../src/model/work.ts";
import { type Highlighted, loadHighlighter } from "./fuse-highlighter.ts";

const highlight = await loadHighlighter();

const SAMPLE = `// what it tells
fuse 2

work sgl-mm {
  title "Product of \\"rows\\""
  op "a::mm" | "a::mm.out"
  source pytorch "x.yaml#mm"
  where input[0].rank == 2 and not known(outer("b::c"))
  let half-k = input[0].dims[-1] / 2
  flops 2 * half-k at matrix(if step.ranks > 1 then fp8 else input[0].type)
  reads bytes(input[0])
  writes 0
  least "the rest"
  test "one" {
    given inputs bf16[2, 3] strides [0, 1], true, none
    given inner "aten::view" bf16[2], 1
    given step generation_keys 12
    given kernel "k"
    expect flops 3, bytes 12
  }
}
`;

const innermost = ({ scopes }: Highlighted): string => scopes.at(-1)!.replace(/\.fuse$/, "");

test.each([
  [/^\/\//, "// what it tells", "comment.line.double-slash"],
  [/^fuse/, "fuse", "keyword.control.edition"],
  [/^work/, "sgl-mm", "entity.name.function.work"],
  [/title/, "title", "keyword.other.section"],
  [/title/, '\\"', "constant.character.escape"],
  [/source/, "pytorch", "entity.name.repository"],
  [/where/, "input", "variable.language"],
  [/where/, "rank", "support.type.field"],
  [/where/, "outer", "support.function"],
  [/where/, "not", "keyword.operator.logical"],
  [/let/, "half-k", "variable.other.value"],
  [/flops 2/, "half-k", "variable.other.value"],
  [/flops 2/, "matrix", "storage.modifier.rate"],
  [/flops 2/, "ranks", "support.type.field"],
  [/flops 2/, "fp8", "support.type.element"],
  [/reads/, "bytes", "support.function"],
  [/least/, "least", "keyword.other.section"],
  [/inputs/, "strides", "keyword.control"],
  [/inputs/, "none", "constant.language"],
  [/inner/, "inner", "keyword.control"],
  [/generation/, "generation_keys", "support.type.field"],
  [/expect/, "bytes", "keyword.control"],
])("in the line %s, %s is %s", (line, word, scope) => {
  const number = SAMPLE.split("\n").findIndex((text) => line.test(text)) + 1;
  const found = highlight(SAMPLE).find((one) => one.line === number && one.text === word);
  expect(found && innermost(found)).toBe(scope);
});

const files = readdirSync("rules/work", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".fuse"))
  .map((name) => join("rules/work", name));

test("every work model is coloured as the lexer reads it, down to the last character", () => {
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) expect(misreadings(readFileSync(file, "utf8")), file).toEqual([]);
});

test("what the language has no place for is marked", () => {
  const marked = highlight("fuse 2\nwork a {\n  reads ~1 ; 2\n}\n").filter(
    (one) => innermost(one) === "invalid.illegal.stray",
  );
  expect(marked.map((one) => one.text)).toEqual(["~", ";"]);
});

test("every section and function of the language is known to the editor", () => {
  const grammar = readFileSync("editors/vscode/syntaxes/fuse.tmLanguage.json", "utf8");
  const words = [...WORK_SECTIONS, ...Object.keys(WORK_FUNCTIONS)];
  expect(words.filter((word) => !new RegExp(`[(|]${word}[)|]`).test(grammar))).toEqual([]);
});

/** Tokens that are torn, bare, or text where the lexer sees none. */
function misreadings(text: string): string[] {
  const scopeAt: string[] = [];
  const isText: boolean[] = [];
  for (const one of highlight(text))
    for (let at = 0; at < one.text.length; at++) {
      scopeAt[one.start + at] = innermost(one);
      isText[one.start + at] = one.scopes.some((scope) => scope.startsWith("string."));
    }
  return lexWork(text).flatMap(({ kind, range, text: word }) => {
    if (kind === "end") return [];
    const scopes = new Set(scopeAt.slice(range.start, range.end));
    const wrong =
      [...scopes].some((scope) => /^(source|meta|invalid)\b/.test(scope)) ||
      (kind !== "text" && scopes.size !== 1) ||
      isText.slice(range.start, range.end).some((each) => each !== (kind === "text")) ||
      (kind === "comment") !== scopes.has("comment.line.double-slash");
    return wrong ? [`${range.line}:${range.column} ${word} is ${[...scopes].join(", ")}`] : [];
  });
}
