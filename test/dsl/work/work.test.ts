import { expect, test } from "vitest";
import { checkWorks } from "../../../src/dsl/work/checks.ts";
import { compileWorks } from "../../../src/dsl/work/compile.ts";
import { formatWork } from "../../../src/dsl/work/format.ts";
import { isWorkText, parseWork } from "../../../src/dsl/work/parse.ts";
import { scaffoldWork } from "../../../src/dsl/work/scaffold.ts";
import type { Diagnostic } from "../../../src/model/diagnostic.ts";
import { runWorkTests } from "../../../src/pipeline/work-tests.ts";

const FRAME = scaffoldWork({ id: "demo", library: "sglang", title: "Demo" });
const MM = FRAME.replaceAll("TODO", "done");

function load(text: string, path = "work/sglang/demo.fuse") {
  const { ast, diagnostics } = parseWork(text, path);
  const compiled = compileWorks([{ path, ast }], () => null);
  const file = { path, file: path, text, ast };
  const found: Diagnostic[] = [
    ...diagnostics,
    ...compiled.diagnostics,
    ...checkWorks([file], compiled.works),
  ];
  return { works: compiled.works, found, codes: found.map(({ code }) => code) };
}

/** A model whose bytes are an expression over one input. */
const reads = (expr: string, more = "") =>
  MM.replace(/flops[^\n]*\n/, more).replace(/reads [^\n]*/, `reads ${expr}`);

test("the scaffold parses, is formatted, and its tests pass", () => {
  const { works, found } = load(FRAME);
  // Nothing is missing but what is to be filled in.
  expect(found).toMatchObject([{ code: "todo-left", rule: "demo" }]);
  expect(load(MM).found).toEqual([]);
  expect(runWorkTests(works).map(({ passed }) => passed)).toEqual([true, true]);
});

test("formatting twice is formatting once, and comments stay", () => {
  const ragged = MM.replace(/ {2}/g, " ")
    .replace("let m =", "// rows\n\n\n\nlet   m=")
    .replace(" * k", "*k");
  const once = formatWork(ragged);
  expect(once).toContain("  // rows\n\n  let m = input[0].dims[0]\n");
  expect(formatWork(once)).toBe(once);
  expect(formatWork("fuse 2\nwork x {")).toBe("fuse 2\nwork x {");
});

test("a file tells by its first word that it holds a model", () => {
  expect(isWorkText("// why\n\nfuse 2\nwork x {}")).toBe(true);
  expect(isWorkText('fuse 1\nrule x : fusion { title "fuse 2" }')).toBe(false);
});

test("what is wrong is told with its code and place", () => {
  expect(load(reads("bytes(inptu[0])")).found[0]).toMatchObject({
    code: "unknown-word",
    range: { line: 12 },
  });
  expect(load(reads("input[0].size")).codes).toContain("unknown-word");
  expect(load(reads("siez(bf16)")).codes).toContain("unknown-word");
  expect(load(reads("step.speed")).codes).toContain("unknown-word");
  expect(load(reads("size(bf16, bf16)")).codes).toContain("impossible-value");
  expect(load(reads("m / 0")).codes).toContain("division-by-zero");
  expect(load(reads("bytes(input[7])")).codes).toContain("index-outside");
  expect(load(reads("input[0].dims[5]")).codes).toContain("index-outside");
  expect(load(reads("m", "where 0\n  ")).codes).toContain("never-applies");
  expect(load(reads("m +")).codes).toContain("syntax");
  expect(load(MM.replace(/test [\s\S]*$/, "}\n")).codes).toContain("untested-state");
  expect(load(MM.replace("writes m", "writes 2")).codes).not.toContain("unused-class");
  expect(load(MM, "work/sglang/other.fuse").codes).toEqual(["file-place"]);
  expect(load(MM.replace(/ {2}source[^\n]*\n/, "")).codes).toContain("missing-part");
});

test("one broken section leaves the others readable", () => {
  const { found } = load(MM.replace("let k = input[0].dims[1]", "let k = = 3"));
  expect(found.filter(({ code }) => code === "syntax")).toHaveLength(1);
});

test("nesting beyond reason is an error, not a crash", () => {
  expect(load(reads(`${"(".repeat(500)}1${")".repeat(500)}`)).codes).toContain("syntax");
  expect(load(reads(Array(5000).fill("not ").join(""))).codes).toContain("syntax");
});

test("a wrong figure fails its test", () => {
  const wrong = load(MM.replace("bytes 8716288", "bytes 8716300")).works;
  expect(runWorkTests(wrong)[0]).toMatchObject({
    passed: false,
    expected: "flops 268435456, bytes 8716300",
    saw: "flops 268435456, bytes 8716288",
  });
});

test("a model may look at the calls around the call, and say what it leaves out", () => {
  const text = reads("bytes(input[0])", 'where known(outer("around::it"))\n').replace(
    "  test ",
    '  least "the rest"\n  test ',
  );
  const around = text.replace(
    "    expect flops",
    '    given outer "around::it" bf16[2]\n    expect flops',
  );
  const { works } = load(formatWork(around.replace("flops 268435456, bytes 8716288", "bytes 270")));
  expect(works[0]!.least).toBe("the rest");
  expect(runWorkTests(works).map(({ saw }) => saw)).toEqual([
    expect.stringMatching(/^bytes/),
    "none",
  ]);
});
