import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatFuse } from "../../src/dsl/format/index.ts";
import { VOCABULARY } from "../../src/dsl/parse/tokens.ts";
import { FACTS, FIELDS } from "../../src/model/facts.ts";
import { compileTexts } from "../support/fuse-files.ts";

const page = readFileSync("references/fuse-language.md", "utf8");
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map(([, code]) => code!);

test("the examples compile and are written the one way", () => {
  const [rule, library] = blocks("fuse");
  expect(formatFuse(rule!)).toBe(rule);
  expect(formatFuse(library!)).toBe(library);
  const { ruleSet, problems } = compileTexts({
    "fuse/vllm/add-norm.fuse": rule!,
    "lib/example.fuse": library!,
  });
  expect(problems).toEqual([]);
  expect(ruleSet.rules).toHaveLength(1);
});

test("the varied test compiles in the rule of the page", () => {
  const [rule, library] = blocks("fuse");
  const [varied] = blocks("fuse part").filter((part) => part.startsWith("test"));
  const { ruleSet, problems } = compileTexts({
    "fuse/vllm/add-norm.fuse": rule!.replace(/\}\n$/, `${varied}}\n`),
    "lib/example.fuse": library!,
  });
  expect(problems).toEqual([]);
  expect(ruleSet.rules[0]!.tests.at(-1)!.kernels).toMatchObject([
    { start: 0 },
    { start: 14_000 },
    { start: 17_000 },
    { start: 31_000 },
  ]);
});

test("the snippets compile", () => {
  const [classes, vocabulary] = blocks("fuse part");
  const { problems } = compileTexts({
    "lib/example.fuse": blocks("fuse")[1]!,
    "lib/gemm.fuse": 'fuse 1\ncategory gemm = name "*gemm*"',
    "lib/a.fuse": `fuse 1\nimport "lib/example.fuse" as ex\n${classes}`,
    "lib/b.fuse": `fuse 1\n${vocabulary}`,
  });
  expect(problems).toEqual([]);
});

test("the tables of fields and facts are those of the model", () => {
  for (const [field, meaning] of Object.entries(FIELDS))
    expect(page).toContain(`| \`${field}\` | ${meaning} |`);
  for (const [fact, { type, meaning }] of Object.entries(FACTS))
    expect(page).toContain(`| \`${fact}\` | ${type} | ${meaning} |`);
});

test("every keyword of the language is in the grammar on the page", () => {
  const [grammar] = blocks("ebnf");
  const keywords = VOCABULARY.flatMap(({ PATTERN }) =>
    typeof PATTERN === "string" && /^[a-z]/.test(PATTERN) ? [PATTERN] : [],
  );
  expect(keywords.filter((word) => !grammar!.includes(`"${word}"`))).toEqual([]);
});
