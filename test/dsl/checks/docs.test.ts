import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CODES } from "../../../src/dsl/checks/codes.ts";

const FOLDER = "docs/lint";
const codes = Object.entries(CODES);

test("every code has a page and every page a code", () => {
  const pages = readdirSync(FOLDER).filter((file) => file !== "README.md");
  expect(pages.sort()).toEqual(codes.map(([code]) => `${code}.md`).sort());
});

test.each(codes)("the page of %s gives title and level, reasons and an example", (code, info) => {
  const page = readFileSync(`${FOLDER}/${code}.md`, "utf8");
  const head = `# ${code}\n\n${info.title}\n\nLevel: ${info.level}. Number: ${info.number}.\n\n## Why\n\n`;
  expect(page.slice(0, head.length)).toBe(head);
  const landmarks = ["\nInstead of\n\n```", "\nwrite\n\n```", "\n## Ignoring it\n\n"];
  const places = landmarks.map((text) => page.indexOf(text));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("the table lists all codes in their order", () => {
  const table = readFileSync(`${FOLDER}/README.md`, "utf8").match(/^\| \[.*$/gm);
  expect(table).toEqual(
    codes.map(
      ([code, { number, level, title }]) =>
        `| [${code}](${code}.md) | ${number} | ${level} | ${title} |`,
    ),
  );
});
