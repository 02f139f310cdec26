import type { LoadedFile, LoadedRules } from "../dsl/load-texts.ts";
import type { SourceRange } from "../model/diagnostic.ts";
import { type Meaning, meaningsIn } from "./meaning.ts";
import { allNodes } from "./node-path.ts";

export interface Place {
  readonly file: LoadedFile;
  readonly range: SourceRange;
}

/** Where what is meant is written down; null where it is nowhere, or no place of a file. */
export function definitionOf(rules: LoadedRules, file: LoadedFile, meant: Meaning): Place | null {
  switch (meant.kind) {
    case "class": {
      const home = fileOf(rules, meant.path);
      const range = home === null ? null : letRange(home, meant.name);
      return range === null ? null : { file: home!, range };
    }
    case "library": {
      const home = fileOf(rules, meant.path);
      return home === null ? null : { file: home, range: START };
    }
    case "alias": {
      const one = file.ast.imports.find(({ alias }) => alias.text === meant.name);
      return one === undefined ? null : { file, range: one.alias.range };
    }
    case "rule": {
      const home = rules.files.find(({ ast }) => ast.rules[0]?.id.text === meant.id);
      return home === undefined ? null : { file: home, range: home.ast.rules[0]!.id.range };
    }
    case "capture": {
      const first = meaningsIn(file).find(
        (one) => one.kind === "capture" && one.name === meant.name && isStep(file, one.range),
      );
      return first === undefined ? null : { file, range: first.range };
    }
    case "test": {
      const test = file.ast.rules[0]?.tests.find(({ title }) => title.text === meant.title);
      return test === undefined ? null : { file, range: test.title.range };
    }
    default:
      return null;
  }
}

/** Every place that speaks of the same thing, the definition among them. */
export function occurrencesOf(
  rules: LoadedRules,
  file: LoadedFile,
  meant: Meaning,
): readonly Place[] {
  const files = meant.kind === "class" || meant.kind === "rule" ? rules.files : [file];
  return files.flatMap((one) =>
    meaningsIn(one)
      .filter((other) => isSame(meant, other))
      .map(({ range }) => ({ file: one, range })),
  );
}

function isSame(a: Meaning, b: Meaning): boolean {
  const { range: _, ...x } = a;
  const { range: __, ...y } = b;
  return JSON.stringify(x) === JSON.stringify(y);
}

const START: SourceRange = { start: 0, end: 0, line: 1, column: 1 };

const fileOf = ({ files }: LoadedRules, path: string): LoadedFile | null =>
  files.find((one) => one.path === path) ?? null;

function letRange({ ast }: LoadedFile, name: string): SourceRange | null {
  for (const node of allNodes(ast))
    if (node.kind === "let" && (node as { name?: { text: string } }).name?.text === name)
      return (node as unknown as { name: { range: SourceRange } }).name.range;
  return null;
}

const isStep = ({ ast }: LoadedFile, range: SourceRange): boolean =>
  [...allNodes(ast)].some(
    (node) =>
      node.kind === "step" &&
      (node as { capture?: { range: SourceRange } | null }).capture?.range.start === range.start,
  );
