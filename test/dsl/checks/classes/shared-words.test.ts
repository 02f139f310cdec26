import { expect, test } from "vitest";
import type { CheckContext } from "../../../../src/dsl/checks/check.ts";
import { sharedWords } from "../../../../src/dsl/checks/classes/shared-words.ts";
import { loadTexts } from "../../../../src/dsl/load-rules.ts";
import { readRuleTexts } from "../../../../src/dsl/read-rule-texts.ts";

function found(text: string): string[] {
  const file = { path: "lib/words.fuse", file: "lib/words.fuse", text: `fuse 1\n\n${text}\n` };
  const loaded = loadTexts("", { files: [file], lock: null, digest: "" });
  expect(loaded.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return messages(loaded);
}

const messages = (loaded: CheckContext["loaded"]): string[] =>
  [...sharedWords.run({ loaded, rules: [], today: null, known: null })].map(
    ({ message }) => message,
  );

const NORM = 'let norm = word "norm" | "rms"\ncategory norm by words = norm\n';

test("two categories that may both hold are named", () => {
  expect(found(`${NORM}category quantize by words = word "quant"`)).toEqual([
    "nothing says that `quantize` and `norm` exclude each other",
  ]);
});

test("the exclusion is proven through classes, alternatives and negations", () => {
  const quant = 'category quantize by words = word "quant" and not norm';
  expect(found(NORM + quant)).toEqual([]);
  const chain =
    'let a = word "a"\nlet b = word "b"\nlet c = word "c"\nlet rest = not (a or b)\n' +
    "category x by words = a or not a and b\ncategory y by words = rest and c";
  expect(found(chain)).toEqual([]);
  expect(found(chain.replace("not (a or b)", "not (a and b)"))).toHaveLength(1);
});

test("the project's own words exclude each other", async () => {
  const { files, lock, digest } = readRuleTexts("rules");
  const lib = files.filter(({ path }) => path.startsWith("lib/"));
  const loaded = loadTexts("rules", { files: lib, lock, digest });
  expect(loaded.ruleSet.categoriesBy?.words.length).toBeGreaterThan(15);
  expect(messages(loaded)).toEqual([]);
});
