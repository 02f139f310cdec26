import { WORK_OPERATORS, type WorkOperator } from "../../model/work.ts";
import { type ExprNode, spanOf } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

/** Deeper than any model needs, far less than the call stack bears. */
const DEEPEST = 48;

/** Expressions by precedence climbing (Richards' way of reading BCPL): one loop for all operators. */
export function parseExpr(at: Cursor, least = 0, depth = 0): ExprNode {
  if (depth > DEEPEST) throw at.problem(`an expression nested at most ${DEEPEST} deep`);
  if (at.isWord("if")) return parseIf(at, depth);
  let left = parseOperand(at, depth);
  for (;;) {
    const op = operatorAt(at);
    if (op === null || WORK_OPERATORS[op] < least) return left;
    at.next();
    const right = parseExpr(at, WORK_OPERATORS[op] + 1, depth + 1);
    left = { kind: "binary", op, left, right, range: spanOf(left.range, right.range) };
  }
}

function operatorAt(at: Cursor): WorkOperator | null {
  const { kind, text } = at.token;
  if (kind !== "mark" && kind !== "word") return null;
  // `else` also closes an `if`, which asks for it before this does.
  return Object.hasOwn(WORK_OPERATORS, text) ? (text as WorkOperator) : null;
}

function parseIf(at: Cursor, depth: number): ExprNode {
  const from = at.next().range;
  const test = parseExpr(at, 1, depth + 1);
  at.expectWord("then");
  const then = parseExpr(at, 1, depth + 1);
  at.expectWord("else");
  const otherwise = parseExpr(at, 0, depth + 1);
  return { kind: "if", test, then, otherwise, range: spanOf(from, otherwise.range) };
}

function parseOperand(at: Cursor, depth: number): ExprNode {
  if (at.isWord("not")) {
    const from = at.next().range;
    const of = parseExpr(at, 3, depth + 1);
    return { kind: "not", of, range: spanOf(from, of.range) };
  }
  if (at.isMark("-")) {
    const from = at.next().range;
    const { text, range } = at.expect("number", "a number");
    return { kind: "number", value: -Number(text), range: spanOf(from, range) };
  }
  let node = parsePrimary(at, depth);
  for (;;) {
    if (at.isMark(".")) {
      at.next();
      const { text, range } = at.expect("word", "the name of a field");
      const field = { kind: "word", text, range } as const;
      node = { kind: "field", of: node, field, range: spanOf(node.range, range) };
    } else if (at.isMark("[")) {
      at.next();
      const index = parseExpr(at, 0, depth + 1);
      const { range } = at.expectMark("]");
      node = { kind: "at", of: node, index, range: spanOf(node.range, range) };
    } else return node;
  }
}

function parsePrimary(at: Cursor, depth: number): ExprNode {
  if (at.isMark("(")) {
    at.next();
    const inside = parseExpr(at, 0, depth + 1);
    at.expectMark(")");
    return inside;
  }
  const { kind, text, range } = at.token;
  if (kind === "number") {
    at.next();
    return { kind: "number", value: Number(text), range };
  }
  if (kind === "text") {
    at.next();
    return { kind: "text", value: text, range };
  }
  if (kind !== "word") throw at.problem("a number, a name or ( … )");
  at.next();
  if (!at.isMark("(")) return { kind: "name", name: text, range };
  at.next();
  const args: ExprNode[] = [];
  while (!at.isMark(")")) {
    if (args.length > 0) at.expectMark(",");
    args.push(parseExpr(at, 0, depth + 1));
  }
  const close = at.next().range;
  return { kind: "call", fn: { kind: "word", text, range }, args, range: spanOf(range, close) };
}
