import type { LetNode } from "../dsl/ast.ts";
import type { LoadedFile, LoadedRules } from "../dsl/load-texts.ts";
import { FACTS, FIELDS } from "../model/facts.ts";

export interface Proposal {
  readonly label: string;
  readonly detail: string;
  readonly kind: "class" | "module" | "fact" | "value" | "keyword" | "rule" | "test" | "field";
}

/**
 * What may stand at the end of a text, which need not parse: the word before the cursor is what the
 * editor filters by.
 *
 * @param before the file's text up to the cursor.
 */
export function proposalsAt(rules: LoadedRules, file: LoadedFile, before: string): Proposal[] {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  if (/^\s*\/\//.test(line)) return [];
  const quoted = insideQuotes(line);
  if (quoted !== null) return inQuotes(rules, file, line.slice(0, quoted));
  const block = blocksAround(before).at(-1) ?? "file";
  if (block === "when") return guardWords(line);
  if (block === "test" || block === "repeat") return testWords(line);
  const module = /([\w-]+)\.[\w-]*$/.exec(line)?.[1];
  if (module !== undefined) return classesOf(rules, libraryOf(file, module));
  if (/^\s*(?:subsumes|conflicts)\s+(?:[\w-]+\s*,\s*)*[\w-]*$/.test(line)) return ruleIds(rules);
  if (/^\s*(?:\w[\w-]*)?$/.test(line)) return block === "rule" ? SECTIONS : ENTRIES;
  return [...classesOf(rules, file.path), ...modulesOf(file), ...FIELD_WORDS];
}

/** Offset of the quote that is still open; null when none is. */
function insideQuotes(line: string): number | null {
  let open: number | null = null;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === '"') open = open === null ? i : null;
  }
  return open;
}

function inQuotes(rules: LoadedRules, file: LoadedFile, head: string): Proposal[] {
  if (/\bimport\s*$/.test(head))
    return rules.files
      .filter(({ path }) => path.startsWith("lib/"))
      .map(({ path }) => ({ label: path, detail: "library", kind: "module" }));
  if (/\blike\s*$/.test(head))
    return (file.ast.rules[0]?.tests ?? [])
      .filter(({ like }) => like === null)
      .map(({ title }) => ({ label: title.text, detail: "test", kind: "test" }));
  return [];
}

/** A brace with the words that open it; texts are blank by then. */
const BRACES = /\b(rule\s+[\w-]+\s*:\s*[\w-]+|when|test(?:\s+like)?|repeat\s+\d+)\s*\{|\{|\}/g;

/** Words before the open braces, outermost first. */
function blocksAround(text: string): readonly string[] {
  const open: string[] = [];
  const plain = text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*/g, (found) =>
    " ".repeat(found.length),
  );
  for (const [token, word = "block"] of plain.matchAll(BRACES))
    if (token === "}") open.pop();
    else open.push(word.replace(/\W.*$/s, ""));
  return open;
}

function guardWords(line: string): Proposal[] {
  const fact = /^\s*([\w-]+)\s*(?:=|in\s*\[)(?:[^\]]*)$/.exec(line)?.[1];
  if (fact === undefined)
    return Object.entries(FACTS).map(([name, { meaning }]) => ({
      label: name,
      detail: meaning,
      kind: "fact",
    }));
  return valuesOf(fact);
}

const valuesOf = (fact: string): Proposal[] =>
  (FACTS[fact as keyof typeof FACTS]?.values ?? []).map((value) => ({
    label: value,
    detail: fact,
    kind: "value",
  }));

function testWords(line: string): Proposal[] {
  const given = /^\s*given\s+(.*)$/.exec(line)?.[1];
  if (given !== undefined) {
    const fact = /(?:^|,\s*)([\w-]+)\s+[\w-]*$/.exec(given)?.[1];
    return fact === undefined ? guardWords("") : valuesOf(fact);
  }
  if (/^\s*expect\s+/.test(line)) return EXPECTATIONS;
  return /^\s*[\w-]*$/.test(line) ? TEST_LINES : [];
}

const keyword = (label: string, detail: string): Proposal => ({ label, detail, kind: "keyword" });

const ENTRIES = [
  keyword("import", 'import "lib/norm.fuse" as norm'),
  keyword("let", 'let norm = name "*rms_norm*"'),
  keyword("rule", "rule ID : fusion { … }"),
];

const SECTIONS = [
  keyword("title", "what the rule is about"),
  keyword("status", "mainline, experimental, in-flight pr … checked …, deprecated use …"),
  keyword("source", 'source sglang [@ "0.5.23"] [since …] [until …] "path#symbol"'),
  keyword("when", "guards that must all hold"),
  keyword("let", "a class of the rule's own"),
  keyword("active", "the fused path"),
  keyword("partial", "a lesser fusion"),
  keyword("split", "the same work in pieces"),
  keyword("report", "report share >= 0.5%"),
  keyword("subsumes", "findings of these rules are folded under this one"),
  keyword("conflicts", "rules that meet this one, and are shown beside it"),
  keyword("saves", "captures that the fused path no longer runs"),
  keyword("toggle", "what to switch first"),
  keyword("verdict", "what the report says"),
  keyword("advice", "what to do"),
  keyword("test", "kernels and what to expect of them"),
];

const TEST_LINES = [
  keyword("given", "given tp 2, stage decode"),
  keyword("on", 'on main "kernel name" 3us'),
  keyword("repeat", "repeat 2 { … }"),
  keyword("drop", "leaves a kernel of the varied test out"),
  keyword("swap", "two kernels of the varied test change places"),
  keyword("change", "a kernel of the varied test, otherwise"),
  keyword("expect", "expect match split 2 times"),
];

const EXPECTATIONS = [
  keyword("match active", "the fused path"),
  keyword("match split", "the pieces"),
  keyword("match partial", "some of each"),
  keyword("no match because pattern", "kernels that are no picture of the rule"),
  keyword("no match because guard", "a fact that keeps the rule away"),
  keyword("no match because share", "too little of the stage"),
];

const FIELD_WORDS = Object.entries(FIELDS).map(
  ([label, detail]): Proposal => ({ label, detail, kind: "field" }),
);

const ruleIds = ({ ruleSet }: LoadedRules): Proposal[] =>
  ruleSet.rules.map(({ id, title }) => ({ label: id, detail: title, kind: "rule" }));

const modulesOf = ({ ast }: LoadedFile): Proposal[] =>
  ast.imports.map(({ alias, path }) => ({ label: alias.text, detail: path.text, kind: "module" }));

function classesOf({ files }: LoadedRules, path: string | null): Proposal[] {
  const ast = files.find((one) => one.path === path)?.ast;
  if (ast === undefined) return [];
  const own = ast.entries.filter((entry): entry is LetNode => entry.kind === "let");
  return [...own, ...(ast.rules[0]?.lets ?? [])].map(({ name }) => ({
    label: name.text,
    detail: path!,
    kind: "class",
  }));
}

const libraryOf = ({ ast }: LoadedFile, alias: string): string | null =>
  ast.imports.find((one) => one.alias.text === alias)?.path.text ?? null;
