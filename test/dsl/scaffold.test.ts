import { describe, expect, test } from "vitest";
import { checkContext } from "../../src/dsl/checks/check.ts";
import { runChecks } from "../../src/dsl/checks/index.ts";
import { parseDictionary } from "../../src/dsl/checks/proofs/dictionary.ts";
import { formatFuse } from "../../src/dsl/format/index.ts";
import { loadTexts } from "../../src/dsl/load-rules.ts";
import { type ScaffoldOptions, scaffoldRule } from "../../src/dsl/scaffold.ts";
import { runRuleTests } from "../../src/pipeline/rule-tests.ts";

const LOCK = `repos:
  sglang: { url: "https://github.com/sgl-project/sglang", commit: "${"a".repeat(40)}" }
  flashinfer: { url: "https://github.com/flashinfer-ai/flashinfer", commit: "${"b".repeat(40)}" }
`;
const DICTIONARY = parseDictionary("name\tcategory\nsome_kernel\tnorm\n");

const CASES: ScaffoldOptions[] = [
  { kind: "fusion", id: "my-rule", origin: "sglang", title: null },
  { kind: "fusion", id: "my-rule", origin: "flashinfer", title: "Two kernels in one" },
  { kind: "overlap", id: "my-rule", origin: "sglang", title: null },
  { kind: "overlap", id: "my-rule", origin: "flashinfer", title: null },
];

describe.each(CASES)("a new $kind rule of $origin", (options) => {
  const text = scaffoldRule(options);
  const folder = options.kind === "fusion" ? "fuse" : "overlap";
  const path = `${folder}/${options.origin}/my-rule.fuse`;
  const loaded = loadTexts("", {
    files: [{ path, file: path, text }],
    lock: { path: "sources.lock.yaml", file: "sources.lock.yaml", text: LOCK },
    digest: "",
  });

  test("is formatted and compiles", () => {
    expect(formatFuse(text)).toBe(text);
    expect(loaded.diagnostics).toEqual([]);
  });

  test("passes its own tests", () => {
    const results = runRuleTests(loaded.ruleSet);
    expect(results.length).toBeGreaterThanOrEqual(4);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });

  test("is reported for nothing but what is to be filled in", () => {
    const found = runChecks(checkContext(loaded, null, DICTIONARY));
    expect(found.length).toBeGreaterThan(0);
    for (const { range } of found) expect(text.slice(range.start, range.end)).toContain("TODO");
  });
});
