import { WORK_OPERATORS, type WorkExpr, type WorkModel } from "./work.ts";

/** An expression of a work model as its file writes it, but for needless brackets. */
export function workText(expr: WorkExpr, { lets }: Pick<WorkModel, "lets">, outer = -1): string {
  const inside = (each: WorkExpr, level = -1): string => workText(each, { lets }, level);
  switch (expr.kind) {
    case "number":
      return String(expr.value);
    case "text":
      return expr.value;
    case "let":
      return lets[expr.index]?.name ?? "?";
    case "input":
      return `input[${inside(expr.index)}]`;
    case "step":
      return `step.${expr.field}`;
    case "field":
      return `${inside(expr.of, HIGHEST)}.${expr.field}`;
    case "at":
      return `${inside(expr.of, HIGHEST)}[${inside(expr.index)}]`;
    case "call":
      return `${expr.fn}(${expr.args.map((arg) => inside(arg)).join(", ")})`;
    case "not":
      return `not ${inside(expr.of, HIGHEST)}`;
    case "if":
      return bracketed(
        `if ${inside(expr.test)} then ${inside(expr.then)} else ${inside(expr.otherwise)}`,
        outer >= 0,
      );
    case "binary": {
      const level = WORK_OPERATORS[expr.op];
      const text = `${inside(expr.left, level)} ${expr.op} ${inside(expr.right, level + 0.5)}`;
      return bracketed(text, level < outer);
    }
  }
}

const HIGHEST = 9;

const bracketed = (text: string, isNeeded: boolean): string => (isNeeded ? `(${text})` : text);
