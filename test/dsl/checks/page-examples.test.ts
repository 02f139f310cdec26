import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { lintTexts, readDictionary } from "../../../src/commands/rules/lint.ts";
import { CODES } from "../../../src/dsl/checks/codes.ts";
import type { KernelDictionary } from "../../../src/dsl/checks/proofs/dictionary.ts";
import { formatFuse } from "../../../src/dsl/format/index.ts";
import { type RuleTexts, readRuleTexts } from "../../../src/dsl/read-rule-texts.ts";

/** Examples of the pages, put into the rule of the index and linted beside sound rules. */
const BASE = "test/dsl/checks/base";
const PATH = "fuse/sglang/example.fuse";
const TODAY = "2026-09-01";

interface Example {
  readonly page: string;
  readonly verdict: string;
  /** Codes that come along with the one of the page. */
  readonly others: readonly string[];
  readonly text: string;
}

const rule = /```fuse\n([\s\S]*?)```/.exec(readFileSync("docs/lint/README.md", "utf8"))![1]!;

const examples = readdirSync("docs/lint")
  .sort()
  .flatMap((page): Example[] =>
    [
      ...readFileSync(`docs/lint/${page}`, "utf8").matchAll(
        /```fuse (bad|good)([ \w-]*)\n([\s\S]*?)```/g,
      ),
    ].map(([, verdict = "", others = "", text = ""]) => ({
      page,
      verdict,
      others: others.split(" ").filter((word) => word !== ""),
      text,
    })),
  );

let base: RuleTexts;
let dictionary: KernelDictionary | null;

beforeAll(async () => {
  base = await readRuleTexts(BASE);
  dictionary = await readDictionary(BASE);
});

async function lint(text: string) {
  const files = [...base.files, { path: PATH, file: `${BASE}/${PATH}`, text }];
  return (await lintTexts(BASE, { ...base, files }, dictionary, { today: TODAY })).diagnostics;
}

const codesOf = async (text: string): Promise<string[]> =>
  [...new Set((await lint(text)).map(({ code }) => code))].sort();

const BYPRODUCTS = ["failing-test", "wrong-guard"];

/** A section: the comment above it and the lines that belong to it. */
const SECTION = /(?:\/\/.*\n)*\w.*\n(?:(?: .*|\}.*)\n)*/g;

/** Tests and classes are known by their names, other sections by their keyword. */
function keyOf(section: string): string {
  return /^(?:test "[^"]*"|let \w+|\w+)/m.exec(section.replace(/^\/\/.*\n/gm, ""))![0];
}

/** The rule with the example's sections in place of its own of these keys. */
function withSections(example: string): string {
  if (example.startsWith("fuse ")) return rule.replace(/^fuse 1\n/, example);
  const [, head = "", body = ""] = /^([^{]*\{\n)([\s\S]*)\}\n$/.exec(rule)!;
  const given = new Map<string, string>();
  for (const section of example.match(SECTION)!) {
    const key = keyOf(section);
    given.set(key, (given.get(key) ?? "") + section);
  }
  const put = body.replace(/^ {2}/gm, "").replace(SECTION, (section) => {
    const key = keyOf(section);
    const mine = given.get(key) ?? section;
    given.delete(key);
    return mine;
  });
  const more = [...given.values()].join("");
  return `${head}${(put + more).replace(/^(?=.)/gm, "  ")}}\n`;
}

test("the rule of the index raises nothing", async () => {
  expect(await codesOf(rule)).toEqual([]);
});

describe("an example raises what its page says", () => {
  test.each(examples)("$page: $verdict", async ({ page, verdict, others, text }) => {
    const code = page.replace(".md", "");
    const written = withSections(text);
    const found = await codesOf(code === "unformatted" ? written : formatFuse(written));
    // The tests of the index's rule speak of that rule, its folder of one engine.
    const told = found.filter((one) => one === code || !BYPRODUCTS.includes(one));
    expect(told).toEqual(verdict === "bad" ? [code, ...others].sort() : []);
  });
});

test("a page says that its code can be ignored when it can", async () => {
  const codes = Object.keys(CODES);
  const comments = codes.map((code) => `// lint-ignore ${code}: a reason\n`).join("");
  const firm = (await lint(rule.replace("rule ", `${comments}rule `))).flatMap(
    ({ message }) => /^([\w-]+) cannot be ignored$/.exec(message)?.[1] ?? [],
  );
  const pages = readdirSync("docs/lint").filter((page) => page !== "README.md");
  const called = pages.filter((page) => {
    const [, end] = readFileSync(`docs/lint/${page}`, "utf8").split("## Ignoring it\n\n");
    const code = page.replace(".md", "");
    if (end === "It cannot be ignored: repair what it reports.\n") return true;
    expect(end).toMatch(new RegExp(`^\`// lint-ignore ${code}: reason\``));
    return false;
  });
  expect(called.map((page) => page.replace(".md", "")).sort()).toEqual(firm.sort());
});
