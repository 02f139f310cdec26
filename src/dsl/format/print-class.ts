import { quote } from "../../base/quote.ts";
import type { AtomNode, ClassNode, Node, RefNode, TextNode } from "../ast.ts";
import type { Comments } from "./comments.ts";
import { type Doc, group, indent, line, softline } from "./doc.ts";

export const refText = ({ module, name }: RefNode): string =>
  module === null ? name.text : `${module.text}.${name.text}`;

/** `a | b`, each further alternative on a line of its own when they do not fit. */
export function alternatives<Part extends Node>(
  parts: readonly Part[],
  print: (part: Part) => Doc,
  comments: Comments,
): Doc {
  const [first, ...others] = parts;
  return group(
    comments.around(first!, print(first!)),
    indent(others.map((other) => [line, comments.around(other, ["| ", print(other)])])),
  );
}

export const printText = ({ text }: TextNode): Doc => quote(text);

/** A class expression; `or` and `and` begin the lines they break. */
export function printClass(expr: ClassNode, comments: Comments): Doc {
  switch (expr.kind) {
    case "any":
    case "all": {
      const word = expr.kind === "any" ? "or " : "and ";
      return group(
        expr.of.map((part, index) => [
          index === 0 ? "" : line,
          printOperand(index === 0 ? "" : word, part, expr.kind, comments),
        ]),
      );
    }
    case "not":
      return printOperand("not ", expr.of, "not", comments);
    case "atom":
      return printAtom(expr, comments);
    case "ref":
      return refText(expr);
  }
}

/** Operands that bind less tightly than their parent stand in parentheses. */
function printOperand(
  word: string,
  expr: ClassNode,
  parent: "any" | "all" | "not",
  comments: Comments,
): Doc {
  const printed = printClass(expr, comments);
  const loose = expr.kind === "any" || (expr.kind === "all" && parent !== "any");
  if (loose || (expr.kind === "not" && parent === "not"))
    return [word, group("(", indent(softline, comments.around(expr, printed)), softline, ")")];
  // A longer `and` inside an `or` is set off by its indent.
  const set = expr.kind === "all" ? indent(printed) : printed;
  // The operand of `not` begins no line, so comments stay with the whole.
  return parent === "not" ? [word, set] : comments.around(expr, [word, set]);
}

function printAtom({ field, patterns }: AtomNode, comments: Comments): Doc {
  return [`${field.text} `, alternatives(patterns, printText, comments)];
}
