import { expect, test } from "vitest";
import { parseSourceLock } from "../../src/dsl/source-lock.ts";
import { shown } from "../support/diagnostics.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const problems = (text: string) => shown(text, parseSourceLock(text, "lock.yaml").diagnostics);

test("reads repositories and what was found in their files", () => {
  const { lock, diagnostics } = parseSourceLock(
    `repos:
  sglang: {url: "https://github.com/sgl-project/sglang", commit: "${COMMIT}", date: 2026-08-22}
files:
  sglang:
    python/norm.py: {symbols: [RMSNorm.forward], verified: true}
    "pr:12:csrc/a.cu": {symbols: [], verified: false, note: not reachable}
`,
    "lock.yaml",
  );
  expect(diagnostics).toEqual([]);
  expect(lock).toEqual({
    repos: {
      sglang: {
        url: "https://github.com/sgl-project/sglang",
        commit: COMMIT,
        date: "2026-08-22",
      },
    },
    files: {
      sglang: {
        "python/norm.py": { symbols: ["RMSNorm.forward"], verified: true },
        "pr:12:csrc/a.cu": { symbols: [], verified: false, note: "not reachable" },
      },
    },
  });
});

test("a wrong field, a missing one and a commit read as a number point at their place", () => {
  expect(
    problems(`repos:
  sglang:
    url: https://github.com/sgl-project/sglang
    comit: abc
    date: 2026-08-22
  vllm:
    url: https://github.com/vllm-project/vllm/
    commit: 12e03
    date: 2026-08-22
`),
  ).toMatchInlineSnapshot(`
    [
      "source-lock [url: https://github.com/sgl-project/sglang
        comit: abc
        date: 2026-08-22
    ] repos/sglang lacks \`commit\`",
      "source-lock [comit] repos/sglang has no field \`comit\`",
      "source-lock [https://github.com/vllm-project/vllm/] repos/vllm/url must be an https address without a slash at its end",
      "source-lock [12e03] repos/vllm/commit must be a text; quote it, YAML reads some commits as numbers",
    ]
  `);
});

test("broken YAML is reported with its place", () => {
  expect(problems("repos: [\n")).toMatchInlineSnapshot(`
    [
      "source-lock [2:1] Flow sequence in block collection must be sufficiently indented and end with a ]",
    ]
  `);
  expect(problems("repos: {}\nrepos: {}\n")).toMatchInlineSnapshot(`
    [
      "source-lock [r] Map keys must be unique",
    ]
  `);
  expect(problems("")).toMatchInlineSnapshot(`
    [
      "source-lock [1:1] the source lock must be a mapping",
    ]
  `);
});
