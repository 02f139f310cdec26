import type {
  FieldOfNode,
  GuardNode,
  ImportNode,
  LetNode,
  MessageNode,
  RefNode,
  RuleNode,
  StepNode,
  TestNode,
  TextNode,
  WordNode,
} from "../dsl/ast.ts";
import type { LoadedFile } from "../dsl/load-texts.ts";
import type { SourceRange } from "../model/diagnostic.ts";
import { type AnyNode, allNodes, holds, pathTo } from "./node-path.ts";

/** What a place in a file speaks of; `range` is the words there. */
export type Meaning = { readonly range: SourceRange } & (
  | { readonly kind: "class"; readonly path: string; readonly name: string }
  | { readonly kind: "alias"; readonly name: string }
  | { readonly kind: "library"; readonly path: string }
  | { readonly kind: "rule"; readonly id: string }
  | { readonly kind: "capture"; readonly name: string }
  | { readonly kind: "test"; readonly title: string }
  | { readonly kind: "fact"; readonly name: string }
  | { readonly kind: "field"; readonly name: string }
);

export function meaningAt(file: LoadedFile, offset: number): Meaning | null {
  const path = pathTo(file.ast, offset);
  const found = path.toReversed().flatMap((node) => meaningsOf(file, node));
  return found.find(({ range }) => holds(range, offset)) ?? null;
}

/** Every place of a file that speaks of something, in source order. */
export const meaningsIn = (file: LoadedFile): readonly Meaning[] =>
  [...allNodes(file.ast)]
    .flatMap((node) => meaningsOf(file, node))
    .sort((a, b) => a.range.start - b.range.start);

/** What a node says by itself; words below it say theirs. */
function meaningsOf(file: LoadedFile, node: AnyNode): readonly Meaning[] {
  switch (node.kind) {
    case "ref": {
      const { module, name } = node as RefNode;
      const path = module === null ? file.path : libraryOf(file, module.text);
      return [
        ...(path === null
          ? []
          : [{ kind: "class", path, name: name.text, range: name.range } as const]),
        ...(module === null
          ? []
          : [{ kind: "alias", name: module.text, range: module.range } as const]),
      ];
    }
    case "let": {
      const { name } = node as LetNode;
      return [{ kind: "class", path: file.path, name: name.text, range: name.range }];
    }
    case "import": {
      const { path, alias } = node as ImportNode;
      return [
        { kind: "library", path: path.text, range: path.range },
        { kind: "alias", name: alias.text, range: alias.range },
      ];
    }
    case "guard":
    case "given":
      return factOf((node as GuardNode).fact);
    case "atom": {
      const { field } = node as unknown as { readonly field: WordNode };
      return [{ kind: "field", name: field.text, range: field.range }];
    }
    case "step": {
      const { capture } = node as StepNode;
      return capture === null ? [] : [captureAt(capture)];
    }
    case "field-of":
      return [captureAt((node as FieldOfNode).capture)];
    case "rule":
      return ofRule(node as RuleNode);
    case "test": {
      const { title, like } = node as TestNode;
      return [title, ...(like === null ? [] : [like])].map(({ text, range }) => ({
        kind: "test",
        title: text,
        range,
      }));
    }
    default:
      return [];
  }
}

const factOf = ({ text, range }: WordNode): readonly Meaning[] => [
  { kind: "fact", name: text, range },
];

const captureAt = ({ text, range }: WordNode): Meaning => ({ kind: "capture", name: text, range });

function ofRule(rule: RuleNode): readonly Meaning[] {
  const ids = [
    rule.id,
    ...(rule.subsumes?.values ?? []),
    ...(rule.conflicts?.values ?? []),
    ...(rule.status?.replacedBy == null ? [] : [rule.status.replacedBy]),
  ];
  return [
    ...ids.map(({ text, range }): Meaning => ({ kind: "rule", id: text, range })),
    ...(rule.saves?.values ?? []).map(captureAt),
    ...rule.messages.flatMap(placeholders),
  ];
}

/** `{norm.name}` speaks of the capture `norm`. */
function placeholders({ template }: MessageNode): readonly Meaning[] {
  if (!isPlain(template)) return [];
  return [...template.text.matchAll(/\{([\w-]+)\.(?:name|frame|op|scope|stream)\}/g)].map(
    (found) => {
      const start = template.range.start + 1 + found.index + 1;
      const column = template.range.column + found.index + 2;
      const name = found[1]!;
      const range = { start, end: start + name.length, line: template.range.line, column };
      return { kind: "capture", name, range };
    },
  );
}

/** Without escapes a letter of the text stands where it stands in the file. */
const isPlain = ({ text, range }: TextNode): boolean => range.end - range.start === text.length + 2;

const libraryOf = ({ ast }: LoadedFile, alias: string): string | null =>
  ast.imports.find((one) => one.alias.text === alias)?.path.text ?? null;
