import { describe, expect, test } from "vitest";
import { parseFuse } from "../../src/dsl/parse/parse-file.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { shown } from "../support/diagnostics.ts";

const problems = (text: string) => shown(text, parseFuse(text, "x.fuse").diagnostics);
const inRule = (sections: string) => `fuse 1\nrule r : fusion {\n${sections}\n}\n`;
const parsed = (text: string) => {
  const { ast, diagnostics } = parseFuse(text, "x.fuse");
  expect(shown(text, diagnostics)).toEqual([]);
  return ast;
};

test("every node points at its own text", () => {
  const text = inRule("  split a as x -> [skip 1, gap 5us] norm.b{1..2}  repeat >= 2");
  const state = parsed(text).rules[0]!.states[0]!;
  const at = ({ range }: { range: { start: number; end: number } }) =>
    text.slice(range.start, range.end);
  expect(at(state)).toBe(text.split("\n")[2]!.trim());
  const chain = state.pattern;
  if (chain.kind !== "chain") throw new Error("not a chain");
  expect(chain.steps.map(at)).toEqual(["a as x", "norm.b{1..2}"]);
  expect(chain.links.map(at)).toEqual(["-> [skip 1, gap 5us]"]);
  expect(at(chain.steps[1]!.class.module!)).toBe("norm");
  expect(state.range).toMatchObject({ line: 3, column: 3 });
});

test("`and` binds tighter than `or`, `|` stays inside one atom, `not` takes one operand", () => {
  const { entries } = parsed('fuse 1\nlet a = name "x" | "y" and not b or (c or d) and e');
  expect(entries[0]!.expr).toMatchObject({
    kind: "any",
    of: [
      {
        kind: "all",
        of: [
          { kind: "atom", patterns: [{ text: "x" }, { text: "y" }] },
          { kind: "not", of: { kind: "ref", name: { text: "b" } } },
        ],
      },
      { kind: "all", of: [{ kind: "any" }, { kind: "ref" }] },
    ],
  });
});

test("keywords also serve as names where a name stands", () => {
  const { rules, entries } = parsed(
    `fuse 1\nlet report = name "x"\nlet share = op "y" and report\n${inRule(
      "split overlap as library -> report as scope -> not_a_keyword\n  partial overlap overlap with report >= 5%",
    ).slice(7)}`,
  );
  expect(entries.map((entry) => entry.kind === "let" && entry.name.text)).toEqual([
    "report",
    "share",
  ]);
  expect(rules[0]!.states.map((state) => state.pattern.kind)).toEqual(["chain", "overlap"]);
});

test('escapes are `\\"` and `\\\\`, others are named', () => {
  expect(parsed('fuse 1\nlet a = name "q\\"\\\\*"').entries[0]!.expr).toMatchObject({
    patterns: [{ text: 'q"\\*' }],
  });
  expect(problems('fuse 1\nlet a = name "\\d"')).toEqual([
    'syntax ["\\d"] `\\d` is not an escape; write `\\\\` for a backslash',
  ]);
});

test("the header is asked for first of all", () => {
  expect(problems("")).toEqual([
    "missing-edition [1:1] the file does not say its language edition; begin the file with `fuse 1`",
  ]);
  expect(problems("fuse 2")).toEqual([
    "missing-edition [2] edition 2 is not known; this program reads edition 1",
  ]);
});

test("one slip costs one line, and each says what was meant", () => {
  const text = `fuse 1
imprt "lib/norm.fuse" as norm
let b = name "x" | op "y"
let c = name "abc
rule foo-bar : fuson {
  titel "Hello"
  status mainlin
  owner "@me"
  when {
    tp 2
    framework in [sglang, vllm
    stage = decode
  }
  split a -> [skp 1] b
  report share >= 0.5
  verdict splt "x"
  test "one" {
    given framework sglang
    repeat 2 {
      on main "x" 3
    }
    expect macth split
  }
  test "three" {
    onn main "x" 3us
    expect match split
  }
  adivce split "x"
}
`;
  expect(problems(text)).toMatchInlineSnapshot(`
    [
      "syntax [imprt] \`imprt\` is not an entry of a file; did you mean \`import\`?",
      "syntax [op] expected another glob of the same field after \`|\` (join different fields with \`or\`), found \`op\`",
      "syntax ["abc] this text has no closing quote on its line; close it with \`"\`; inside a text a quote is written \`\\"\`",
      "syntax [fuson] expected the kind of rule, \`fusion\` or \`overlap\`, found \`fuson\`; did you mean \`fusion\`?",
      "syntax [titel] \`titel\` is not a section of a rule; did you mean \`title\`?",
      "syntax [mainlin] expected a status: \`mainline\`, \`in-flight\`, \`experimental\` or \`deprecated\`, found \`mainlin\`; did you mean \`mainline\`?",
      "syntax [2] expected a comparison: \`=\`, \`>=\`, \`<=\`, \`>\`, \`<\`, \`in\` or \`like\`, found \`2\`",
      "syntax [stage] expected \`]\`, found \`stage\`",
      "syntax [skp] expected \`skip\`, \`gap\`, \`without\` or \`past\`, found \`skp\`; did you mean \`skip\`?",
      "syntax [0.5] expected a percentage such as 0.5%, found \`0.5\`",
      "syntax [splt] expected a state: \`active\`, \`partial\` or \`split\`, found \`splt\`; did you mean \`split\`?",
      "syntax [3] expected a duration such as 5us, found \`3\`",
      "syntax [macth] expected \`match\` or \`no\` match, found \`macth\`; did you mean \`match\`?",
      "syntax [onn] \`onn\` is not a line of a test; did you mean \`on\`?",
      "syntax [adivce] \`adivce\` is not a section of a rule; did you mean \`advice\`?",
    ]
  `);
  const rule = parseFuse(text, "x.fuse").ast.rules[0]!;
  expect(rule.owner!.value.text).toBe("@me");
  expect(rule.tests.map((one) => one.title.text)).toEqual(["one", "three"]);
});

test("a missing brace is reported where it opened, and what follows still parses", () => {
  const text = inRule(`  test "one" {
    repeat 2 {
      on main "x" 3us
    expect match split
  }
  test "two" {
    on main "x" 3us
    expect match split
  }
  owner "@me"`);
  expect(problems(text)).toEqual(["syntax [expect] expected `}`, found `expect`"]);
  const { ast, diagnostics } = parseFuse(text, "x.fuse");
  expect(diagnostics[0]!.related![0]!.range).toMatchObject({ line: 4, column: 14 });
  expect(ast.rules[0]!.tests).toHaveLength(2);
  expect(ast.rules[0]!.owner!.value.text).toBe("@me");
});

test("a file that ends inside a rule points at the opening brace, once", () => {
  const text = 'fuse 1\nrule r : fusion {\n  title "t"\n  test "x" {\n    on main "k" 1us\n';
  expect(problems(text)).toEqual([
    "syntax [{] expected `}` before the end of the file; this `{` is never closed",
  ]);
  expect(parseFuse(text, "x.fuse").ast.rules[0]!.title!.value.text).toBe("t");
});

test("stray braces and characters are named", () => {
  expect(problems(`${inRule('  title "t"\n  }')}`)).toEqual(["syntax [}] this `}` closes nothing"]);
  expect(problems("fuse 1 ; $$ let a = b")).toEqual([
    "syntax [;] `;` means nothing here",
    "syntax [$$] `$$` means nothing here",
  ]);
});

test("sections that may stand once say so the second time", () => {
  expect(problems(inRule('  title "a"\n  title "b"'))).toEqual([
    'syntax [title "b"] `title` appears twice in this rule',
  ]);
  expect(problems(inRule("  split a -> [skip 1, skip 2] b"))).toEqual([
    "syntax [skip 2] `skip` appears twice between two steps",
  ]);
});

test("absurd nesting is an error, not a crash", () => {
  const text = `fuse 1\nlet a = ${"(".repeat(200_000)}`;
  expect(problems(text)).toEqual(["syntax [(] nested more than 64 deep"]);
});

describe("what the edition no longer has is said at the word, with what to write instead", () => {
  const rule = (split: string): string =>
    `fuse 1\n\nrule r : fusion {\n  title "x"\n  split ${split}\n  report share >= 1%\n}\n`;
  test.each([
    [rule("a -> [feeds] b"), "5:15", "`feeds`", "bound the idle time"],
    [rule("a -> [gap 1ms, feeds] b"), "5:24", "`feeds`", "leave it out"],
    [
      rule("a -> b\n    repeat >= 2 per layer"),
      "6:17",
      "`per layer` and `per step`",
      "counts in the stage",
    ],
    [rule("a -> b repeat >= 2 per step"), "5:28", "`per layer` and `per step`", "repeat >= N"],
    [rule("name /foo.*/ -> b"), "5:14", "regular expressions", "a glob"],
    [
      'fuse 1\n\nlet a = name /aten::(mm|b\\/mm)_[0-9]+"/i\n',
      "3:14",
      "regular expressions",
      "a glob",
    ],
  ])("%j", (text, place, what, help) => {
    const { diagnostics } = parseFuse(text, "r.fuse");
    expect(diagnostics).toHaveLength(1);
    const [{ code, message, range, help: told }] = diagnostics as [Diagnostic];
    expect({ code, place: `${range.line}:${range.column}` }).toEqual({ code: "syntax", place });
    expect(message).toBe(`edition 1 no longer has ${what}`);
    expect(told).toContain(help);
  });

  test("a class may still be called so", () => {
    const { diagnostics } = parseFuse('fuse 1\n\nlet per = name "a"\nlet feeds = per\n', "r.fuse");
    expect(diagnostics).toEqual([]);
  });
});
