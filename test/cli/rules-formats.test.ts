import { describe, expect, test } from "vitest";
import type { Findings } from "../../src/cli/rules/formats/format.ts";
import { FORMATS } from "../../src/cli/rules/formats/index.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";

const TEXT = `fuse 1

rule add-norm : fusion {
  active norm.plian
}
`;

const FIRST: Diagnostic = {
  code: "broken-reference",
  severity: "error",
  message: "no class is called `norm.plian`",
  file: "rules/fuse/vllm/add-norm.fuse",
  range: {
    start: TEXT.indexOf("norm.plian"),
    end: TEXT.indexOf("norm.plian") + 10,
    line: 4,
    column: 10,
  },
  rule: "add-norm",
  help: "did you mean `norm.plain`?",
};
const SECOND: Diagnostic = {
  code: "undeclared-overlap",
  severity: "warning",
  message: "`other` can match the same kernels",
  file: FIRST.file,
  range: { start: 8, end: 12, line: 3, column: 1 },
  rule: "add-norm",
  related: [
    { file: "rules/fuse/vllm/other.fuse", range: FIRST.range, message: "the other pattern" },
  ],
};

const texts = new Map([
  [FIRST.file, TEXT],
  ["rules/fuse/vllm/other.fuse", TEXT],
]);
const print = (format: keyof typeof FORMATS, ...diagnostics: Diagnostic[]): string =>
  FORMATS[format]({ diagnostics, texts } satisfies Findings, false);

describe("pretty", () => {
  test("shows the line, marks the place, says what to do", () => {
    expect(print("pretty", FIRST)).toBe(`error[broken-reference]: no class is called \`norm.plian\`
  --> rules/fuse/vllm/add-norm.fuse:4:10
4 |   active norm.plian
  |          ^^^^^^^^^^
  = help: did you mean \`norm.plain\`?

1 error
`);
  });

  test("shows the other place, too", () => {
    expect(print("pretty", SECOND)).toContain(`  --> rules/fuse/vllm/other.fuse:4:10
4 |   active norm.plian
  |          ^^^^^^^^^^ the other pattern
`);
  });

  test("cuts long lines around the place", () => {
    const text = `${"x".repeat(300)}HERE${"y".repeat(300)}`;
    const out = FORMATS.pretty(
      {
        diagnostics: [{ ...FIRST, range: { start: 300, end: 304, line: 1, column: 301 } }],
        texts: new Map([[FIRST.file, text]]),
      },
      false,
    );
    const [, , line = "", mark = ""] = out.split("\n");
    expect(line.length).toBeLessThan(130);
    expect(line.slice(mark.indexOf("^"), mark.lastIndexOf("^") + 1)).toBe("HERE");
  });

  test("marks wide letters by the columns they take", () => {
    const text = 'let a = name "核函数" nam "*"';
    const at = text.indexOf("nam ");
    const range = { start: at, end: at + 3, line: 1, column: at + 1 };
    const out = FORMATS.pretty(
      { diagnostics: [{ ...FIRST, range }], texts: new Map([[FIRST.file, text]]) },
      false,
    );
    const mark = out.split("\n")[3]!;
    // Each of the three takes two columns.
    expect(mark.indexOf("^")).toBe("1 | ".length + at + 3);
  });

  test("prints no control character of a rule", () => {
    const hostile = { ...FIRST, message: "a\u001b[31mb\u202ec" };
    const out = FORMATS.pretty(
      {
        diagnostics: [hostile],
        texts: new Map([[FIRST.file, TEXT.replace("plian", "\u001b]0;x")]]),
      },
      false,
    );
    expect(out).not.toMatch(/[\u001b\u202e]/);
  });

  test("without findings says so", () => {
    expect(print("pretty")).toBe("no findings\n");
  });
});

describe("github", () => {
  test("one command a finding, what could end it escaped", () => {
    const odd = { ...FIRST, file: "rules/a:b,c.fuse", message: "100% of\nit, ::all" };
    expect(print("github", odd)).toBe(
      "::error file=rules/a%3Ab%2Cc.fuse,line=4,col=10,title=broken-reference::100%25 of%0Ait, ::all%0Adid you mean `norm.plain`?\n1 error\n",
    );
  });

  test("a carriage return cannot begin another command", () => {
    const out = print("github", { ...SECOND, message: "x\r\n::error::y" });
    expect(out.split("\n").filter((line) => line.startsWith("::"))).toHaveLength(1);
  });
});

describe("json", () => {
  test("counts and diagnostics as they are", () => {
    expect(JSON.parse(print("json", FIRST, SECOND))).toEqual({
      schemaVersion: 1,
      errors: 1,
      warnings: 1,
      diagnostics: [FIRST, SECOND],
    });
  });
});

describe("sarif", () => {
  const log = (...diagnostics: Diagnostic[]) => JSON.parse(print("sarif", ...diagnostics)).runs[0];
  const fingerprint = (run: ReturnType<typeof log>, index = 0) =>
    run.results[index].partialFingerprints["ruleSpan/v1"];

  test("has rules, places and related places", () => {
    const run = log(FIRST, SECOND);
    expect(run.tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual([
      "broken-reference",
      "undeclared-overlap",
    ]);
    // What alerts were called when codes were numbers, so that they are known again.
    expect(run.tool.driver.rules[0].deprecatedIds).toEqual(["F021"]);
    expect(run.results[0]).toMatchObject({
      ruleId: "broken-reference",
      ruleIndex: 0,
      level: "error",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: FIRST.file },
            region: { startLine: 4, startColumn: 10, charLength: 10 },
          },
        },
      ],
    });
    expect(run.results[1].relatedLocations[0].message.text).toBe("the other pattern");
  });

  test("a finding keeps its fingerprint when lines move", () => {
    const moved = `// a new comment\n${TEXT}`;
    const range = {
      ...FIRST.range,
      start: FIRST.range.start + 17,
      end: FIRST.range.end + 17,
      line: 5,
    };
    const after = FORMATS.sarif(
      { diagnostics: [{ ...FIRST, range }], texts: new Map([[FIRST.file, moved]]) },
      false,
    );
    expect(fingerprint(JSON.parse(after).runs[0])).toBe(fingerprint(log(FIRST)));
  });

  test("two alike are two, two rules' are apart", () => {
    const twice = log(FIRST, FIRST);
    expect(fingerprint(twice, 0)).not.toBe(fingerprint(twice, 1));
    expect(fingerprint(log(FIRST))).not.toBe(fingerprint(log({ ...FIRST, rule: "other" })));
  });

  test("blanks in a path are escaped", () => {
    const run = log({ ...FIRST, file: "my rules/a b.fuse" });
    expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(
      "my%20rules/a%20b.fuse",
    );
  });
});
