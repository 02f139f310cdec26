import { quote } from "../../base/quote.ts";
import type { DefinitionNode, FuseFile, LetNode } from "../ast.ts";
import { parseFuse } from "../parse/parse-file.ts";
import { Comments } from "./comments.ts";
import { type Doc, hardline, join, layOut } from "./doc.ts";
import { type Part, printDefined, printLet, printRule, stacked } from "./print-rule.ts";

/** Lines are broken, where they can be, before this column. */
const WIDTH = 100;

/**
 * The one way to write a file: sections in their order, two spaces of indent, long alternatives
 * below each other. Comments stay with what they speak of. Formatting twice is formatting once,
 * and the tree stays the same. A text that does not parse is returned as it is.
 */
export function formatFuse(text: string): string {
  const { ast } = parseFuse(text, "");
  return ast.complete ? printFuse(ast, text) : text;
}

/** @param text what the tree was parsed from; "" for a tree made by hand, without comments. */
export function printFuse(ast: FuseFile, text: string): string {
  const comments = new Comments(text);
  // The first run only finds places for comments.
  if (ast.comments.length > 0) printFile(ast, comments);
  comments.attach(ast.comments);
  return `${layOut(printFile(ast, comments), WIDTH)}\n`;
}

function printFile(ast: FuseFile, comments: Comments): Doc {
  const { edition, imports, entries, rules } = ast;
  const header: Part[] = edition === null ? [] : [{ node: edition, doc: `fuse ${edition.value}` }];
  const groups = [
    header,
    imports.map((node) => ({
      node,
      doc: `import ${quote(node.path.text)} as ${node.alias.text}`,
    })),
    entries.map((node) => ({ node, doc: printEntry(node, comments) })),
    ...rules.map((node) => [{ node, doc: printRule(node, comments) }]),
  ];
  const body = groups
    .filter((parts) => parts.length > 0)
    .map((parts) => stacked(parts, comments, true));
  const ends = comments
    .atEndOf(ast)
    .map((comment, index) => [
      index > 0 && !comments.blankBefore(comment.range)
        ? hardline
        : index > 0
          ? [hardline, hardline]
          : "",
      comment.text,
    ]);
  return join([hardline, hardline], ends.length === 0 ? body : [...body, ends]);
}

function printEntry(node: LetNode | DefinitionNode, comments: Comments): Doc {
  if (node.kind === "let") return printLet(node, comments);
  const title = node.title === null ? "" : ` ${quote(node.title.text)}`;
  const ground = node.by === null ? "" : ` by ${node.by}`;
  return printDefined(`${node.kind} ${node.id.text}${title}${ground} =`, node.expr, comments);
}
