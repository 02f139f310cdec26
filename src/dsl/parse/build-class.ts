import type { CstNode } from "chevrotain";
import type { AtomNode, ClassNode, LetNode, RefNode } from "../ast.ts";
import type { Remarks } from "../remarks.ts";
import { mustNode, mustToken, node, nodes, placeOf, text, token, tokens, word } from "./cst.ts";

export function buildLet(from: CstNode, remarks: Remarks): LetNode {
  return {
    kind: "let",
    range: placeOf(from),
    name: word(mustToken(from, "Word")),
    expr: buildClass(mustNode(from, "classAny"), remarks),
  };
}

export function buildClass(from: CstNode, remarks: Remarks): ClassNode {
  return joined(
    "any",
    from,
    nodes(from, "classAll").map((part) => buildAll(part, remarks)),
  );
}

const buildAll = (from: CstNode, remarks: Remarks): ClassNode =>
  joined(
    "all",
    from,
    nodes(from, "classNot").map((part) => buildNot(part, remarks)),
  );

/** Parts of the same kind are lifted, so that superfluous parentheses leave no trace. */
function joined(kind: "any" | "all", from: CstNode, parts: readonly ClassNode[]): ClassNode {
  if (parts.length === 1) return parts[0]!;
  const of = parts.flatMap((part) => (part.kind === kind ? part.of : [part]));
  return { kind, range: placeOf(from), of };
}

function buildNot(from: CstNode, remarks: Remarks): ClassNode {
  const inner = buildOperand(from, remarks);
  return token(from, "Not") === null ? inner : { kind: "not", range: placeOf(from), of: inner };
}

function buildOperand(from: CstNode, remarks: Remarks): ClassNode {
  const atom = node(from, "atom");
  if (atom !== null) return buildAtom(atom, remarks);
  const ref = node(from, "ref");
  if (ref !== null) return buildRef(ref);
  return buildClass(mustNode(from, "classAny"), remarks);
}

function buildAtom(from: CstNode, remarks: Remarks): AtomNode {
  return {
    kind: "atom",
    range: placeOf(from),
    field: word(mustToken(from, "Word")),
    patterns: tokens(from, "Quoted").map((quoted) => text(quoted, remarks)),
  };
}

export function buildRef(from: CstNode): RefNode {
  const [first, second] = tokens(from, "Word").map(word);
  const range = placeOf(from);
  return second === undefined
    ? { kind: "ref", range, module: null, name: first! }
    : { kind: "ref", range, module: first!, name: second };
}
