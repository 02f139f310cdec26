import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, test } from "vitest";
import { type Block, facts, list, section, table } from "../../../src/report/document/block.ts";
import { documentMarkdown } from "../../../src/report/document/markdown.ts";
import { documentHtml } from "../../../src/report/document/page.ts";
import { documentText } from "../../../src/report/document/text.ts";
import { cell, left, right, span, type Table } from "../../../src/report/table.ts";

const HOSTILE = 'k<\u001b[31m"|`\u202e</b>\ud800\n# x>';

const times = (title: string, text: string): Table => ({
  title,
  columns: [left("What"), right("Time")],
  foldOrder: [],
  rows: [[cell(span(text, "code")), cell(span("1.5 ms"))]],
  empty: "Nothing.",
  cut: 0,
});

/** One block of every kind, in which a text stands wherever texts stand. */
function everyKind(text: string): readonly Block[] {
  return [
    { kind: "title", text: `title ${text}` },
    { kind: "summary", text: `summary ${text}` },
    ...facts(["Fact", cell(span(`fact ${text}`))], ["Untold", []]),
    {
      kind: "cards",
      title: "First",
      empty: "Nothing to do.",
      cards: [
        {
          id: "card-1",
          more: [{ label: "Sure", cell: cell(span(`sure ${text}`)) }],
          heading: [span(`card ${text}`, "strong")],
          figure: [span("saves 2 ms")],
          facts: [{ label: "Do", cell: cell(span(`do ${text}`)) }],
        },
      ],
    },
    ...section(
      [span(`part ${text}`)],
      {
        kind: "bar",
        heading: "Bar",
        parts: [{ title: text, colour: "busy", pct: 40 }],
        table: times("Bar", text),
      },
      ...list([span(`item ${text}`)], [span("a link", "plain", "https://example.org/a")]),
      ...section([span("Inner")], table(times("Table", text))),
    ),
    ...section([span("Empty")]),
    { kind: "paragraph", line: [span(`end ${text}`)] },
  ];
}

const FORMATS = {
  text: (blocks: readonly Block[]) => documentText(blocks, { width: 60, color: false }),
  markdown: documentMarkdown,
  html: documentHtml,
};

describe.each(Object.entries(FORMATS))("%s", (_, format) => {
  test("has every kind of block", () => {
    const page = format(everyKind("alpha"));
    const told = ["title", "summary", "fact", "card", "do", "part", "item", "end"];
    for (const word of told) expect(page).toContain(`${word} alpha`);
    for (const word of ["First", "saves 2 ms", "Bar", "Inner", "Table", "a link"])
      expect(page).toContain(word);
    for (const word of ["Untold", "Empty"]) expect(page).not.toContain(word);
  });

  test("keeps hostile texts to themselves", () => {
    const page = format(everyKind(HOSTILE));
    expect(page.replace(/<style>[\s\S]*?<\/style>/, "")).not.toMatch(
      /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/u,
    );
    expect(page).not.toMatch(/^# x/m);
    expect(page.endsWith("\n")).toBe(true);
  });
});

test("the summary is the last thing in a terminal, and stands where it was put elsewhere", () => {
  const text = FORMATS.text(everyKind("alpha"));
  expect(text).toMatch(/\n\nSummary\nsummary alpha\n$/);
  const page = FORMATS.markdown(everyKind("alpha"));
  expect(page.indexOf("summary alpha")).toBeLessThan(page.indexOf("fact alpha"));
});

test("parts are ruled across the terminal, their parts are not; no line is too long", () => {
  const lines = FORMATS.text(everyKind("alpha")).split("\n");
  expect(lines).toContain(`══ part alpha ${"═".repeat(46)}`);
  expect(lines).toContain("Inner");
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
});

test("Markdown nests headings and makes no elements of texts", () => {
  const page = micromark(FORMATS.markdown(everyKind(HOSTILE)), {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
  const ours = "h1 h2 h3 h4 p ul ol li strong code table thead tbody tr th td a".split(" ");
  expect([...tags].filter((tag) => !ours.includes(tag!))).toEqual([]);
  expect(page).toMatch(/<h1>title.*<h2>First.*<h2>part.*<h3>Bar.*<h3>Inner.*<h4>Table/s);
});

test("a page loads nothing, runs nothing and leads to https only", () => {
  const page = FORMATS.html([
    ...everyKind(HOSTILE),
    ...list([span("no link", "plain", "javascript:alert(1)")]),
  ]);
  expect(page).toMatch(/default-src 'none'; style-src 'sha256-[^']*'; base-uri/);
  const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, tag]) => tag));
  expect([...tags].filter((tag) => ["script", "img", "iframe", "b"].includes(tag!))).toEqual(["b"]);
  expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    "https://example.org/a",
  ]);
  expect(page).not.toMatch(/ style=/);
});
