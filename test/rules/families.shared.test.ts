import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";

const CATALOGUE = "../shared/catalog/families.json";

/** family → rule id or "not-visible", as `references/families.tsv` has it. */
function familyMap(): Map<string, string> {
  const [, ...lines] = readFileSync("references/families.tsv", "utf8").trimEnd().split("\n");
  return new Map(lines.map((line) => line.split("\t") as [string, string]));
}

const ruleIds = new Set(
  readdirSync("rules", { recursive: true, encoding: "utf8" })
    .filter((file) => /^(fuse|overlap)\/.*\.fuse$/.test(file))
    .map((file) => basename(file, ".fuse")),
);

test("every family leads to a rule that exists, or to the page of what cannot be seen", () => {
  const page = readFileSync("references/not-visible.md", "utf8");
  const lost = [...familyMap()].filter(([family, rule]) =>
    rule === "not-visible" ? !page.includes(`| \`${family}\` |`) : !ruleIds.has(rule),
  );
  expect(lost).toEqual([]);
});

test("every line of the page gives a reason", () => {
  const rows = readFileSync("references/not-visible.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter((row) => (row.split("|")[3] ?? "").trim().length < 20)).toEqual([]);
});

describe.skipIf(!existsSync(CATALOGUE))(
  "the catalogue of families (needs ../shared/catalog)",
  () => {
    const families = existsSync(CATALOGUE)
      ? (JSON.parse(readFileSync(CATALOGUE, "utf8")) as { id: string }[])
      : [];

    test("every family of the catalogue is in the map", () => {
      const map = familyMap();
      expect(families.length).toBeGreaterThan(400);
      expect(families.map(({ id }) => id).filter((id) => !map.has(id))).toEqual([]);
    });
  },
);
