import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { lintTexts, readDictionary } from "../../../src/commands/rules/lint.ts";
import { CODES } from "../../../src/dsl/checks/codes.ts";
import type { KernelDictionary } from "../../../src/dsl/checks/proofs/dictionary.ts";
import { type RuleTexts, readRuleTexts } from "../../../src/dsl/read-rule-texts.ts";
import { isWorkText } from "../../../src/dsl/work/parse.ts";

/**
 * One seeded mistake a file, in a base of sound rules. The head of a file says what must be
 * found, and where: `// expect unknown-word at 14:5`, `… in PATH at …` for another file; `// today DATE`
 * and `// with mutants` say how to look. Nothing else may be found.
 */
const BASE = "test/dsl/checks/base";
const MISTAKES = "test/dsl/checks/mistakes";

/** Where a file belongs, by its edition. */
const placeOf = (file: string, text: string): string =>
  `${isWorkText(text) ? "work" : "fuse"}/sglang/${file}`;

interface Mistake {
  readonly file: string;
  readonly text: string;
  readonly expected: readonly string[];
  readonly today: string | null;
  readonly mutants: boolean;
}

const mistakes = readdirSync(MISTAKES).sort().map(readMistake);

function readMistake(file: string): Mistake {
  const text = readFileSync(`${MISTAKES}/${file}`, "utf8");
  const path = file.endsWith(".fuse") ? placeOf(file, text) : "sources.lock.yaml";
  const expected = [...text.matchAll(/^(?:\/\/|#) expect ([\w-]+)(?: in (\S+))? at (\d+:\d+)$/gm)];
  return {
    file,
    text,
    expected: expected.map(([, code, at = path, place]) => `${code} ${at}:${place}`).sort(),
    today: /^\/\/ today (\S+)$/m.exec(text)?.[1] ?? null,
    mutants: /^\/\/ with mutants$/m.test(text),
  };
}

let base: RuleTexts;
let dictionary: KernelDictionary | null;

beforeAll(async () => {
  base = await readRuleTexts(BASE);
  dictionary = await readDictionary(BASE);
});

type Look = Pick<Mistake, "file" | "today" | "mutants">;

async function lint(texts: RuleTexts, { file: mistake, today, mutants }: Look): Promise<string[]> {
  const isMistake = (_rule: string, file: string) => mutants && file.endsWith(mistake);
  const options = { today, mutants: isMistake };
  const { diagnostics } = await lintTexts(BASE, texts, dictionary, options);
  return diagnostics.map(
    ({ code, file, range }) =>
      `${code} ${file.replace(`${BASE}/`, "")}:${range.line}:${range.column}`,
  );
}

function withMistake({ file, text }: Mistake): RuleTexts {
  if (!file.endsWith(".fuse")) return { ...base, lock: { ...base.lock!, text } };
  const path = placeOf(file, text);
  const files = [...base.files, { path, file: `${BASE}/${path}`, text }];
  return { ...base, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

test("the sound rules raise nothing, whatever the day", async () => {
  expect(await lint(base, { file: "", today: null, mutants: false })).toEqual([]);
  expect(await lint(base, { file: "", today: "2026-09-01", mutants: false })).toEqual([]);
});

describe("each mistake is found, at its place, and nothing else", () => {
  test.each(mistakes)("$file", async (mistake) => {
    expect(mistake.expected).not.toEqual([]);
    expect((await lint(withMistake(mistake), mistake)).sort()).toEqual(mistake.expected);
  });
});

test("every code has a mistake that shows it", () => {
  const shown = new Set(mistakes.flatMap(({ expected }) => expected.map((it) => it.split(" ")[0])));
  // What a checkout shows is tested with checkouts, and the vocabulary with vocabularies.
  const elsewhere = ["source-moved", "unknown-switch", "unmatched-source", "shared-words"];
  const missing = Object.keys(CODES).filter(
    (code) => !shown.has(code) && !elsewhere.includes(code),
  );
  expect(missing).toEqual([]);
});
