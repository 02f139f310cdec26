import type { WorkExpr, WorkOperator } from "../../model/work.ts";

/** One part of an expression changed: the part, what stands in its place, and all of it so changed. */
interface ExprMutant {
  readonly from: WorkExpr;
  readonly to: WorkExpr;
  readonly whole: WorkExpr;
}

/** Every mutant of an expression, its own before those of its parts. */
export function exprMutants(expr: WorkExpr): readonly ExprMutant[] {
  return [
    ...ownMutants(expr).map((to) => ({ from: expr, to, whole: to })),
    ...partsOf(expr).flatMap(([part, put]) =>
      exprMutants(part).map(({ from, to, whole }) => ({ from, to, whole: put(whole) })),
    ),
  ];
}

/** The neighbouring comparison and the opposite one; the other operation of the same rank. */
const FLIPS: Readonly<Partial<Record<WorkOperator, readonly WorkOperator[]>>> = {
  ">=": [">", "<"],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  "<": ["<=", ">="],
  "==": ["!="],
  "!=": ["=="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
};

/** More than any constant that counts something. */
const LARGE = 1_000_000;

function ownMutants(expr: WorkExpr): readonly WorkExpr[] {
  switch (expr.kind) {
    case "number":
      // One more of a bound that nothing comes near is the same bound.
      return [{ ...expr, value: Math.abs(expr.value) < LARGE ? expr.value + 1 : 0 }];
    case "not":
      return [expr.of];
    case "if":
      return [expr.then, expr.otherwise];
    case "call":
      return callMutants(expr);
    case "binary": {
      const { op, left, right } = expr;
      // One element of one byte: the number itself is what may be wrong.
      if ((op === "*" || op === "/") && right.kind === "number" && right.value === 1) return [];
      const flipped = (FLIPS[op] ?? []).map((to) => ({ ...expr, op: to }));
      // One over something is no piece of the model; a comparison has no half.
      if (op === "/") return [...flipped, left];
      return isComparison(op) ? flipped : [...flipped, left, right];
    }
    default:
      return [];
  }
}

const isComparison = (op: WorkOperator): boolean => /^[=!<>]/.test(op);

function callMutants(expr: Extract<WorkExpr, { kind: "call" }>): readonly WorkExpr[] {
  const { fn, args } = expr;
  switch (fn) {
    case "min":
    case "max":
      return [{ ...expr, fn: fn === "min" ? "max" : "min" }, ...args];
    case "floor":
    case "ceil":
      return [{ ...expr, fn: fn === "floor" ? "ceil" : "floor" }, args[0]!];
    case "known":
    case "float":
      return [{ kind: "number", value: 1 }];
    case "size":
      return [{ kind: "number", value: 1 }];
    default:
      return [];
  }
}

type Part = readonly [part: WorkExpr, put: (by: WorkExpr) => WorkExpr];

function partsOf(expr: WorkExpr): readonly Part[] {
  switch (expr.kind) {
    case "input":
      return [[expr.index, (index) => ({ ...expr, index })]];
    case "field":
    case "not":
      return [[expr.of, (of) => ({ ...expr, of })]];
    case "at":
      return [
        [expr.of, (of) => ({ ...expr, of })],
        [expr.index, (index) => ({ ...expr, index })],
      ];
    case "call":
      return expr.args.map(
        (arg, index): Part => [
          arg,
          (by) => ({ ...expr, args: expr.args.map((other, at) => (at === index ? by : other)) }),
        ],
      );
    case "binary":
      return [
        [expr.left, (left) => ({ ...expr, left })],
        [expr.right, (right) => ({ ...expr, right })],
      ];
    case "if":
      return [
        [expr.test, (test) => ({ ...expr, test })],
        [expr.then, (then) => ({ ...expr, then })],
        [expr.otherwise, (otherwise) => ({ ...expr, otherwise })],
      ];
    default:
      return [];
  }
}
