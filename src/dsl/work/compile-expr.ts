import {
  STEP_FIELDS,
  type StepField,
  TYPE_BYTES,
  WORK_FIELDS,
  WORK_FUNCTIONS,
  type WorkExpr,
  type WorkField,
  type WorkFunction,
} from "../../model/work.ts";
import { didYouMean } from "../parse/messages.ts";
import type { Remarks } from "../remarks.ts";
import type { ExprNode } from "./ast.ts";

/** What a name may mean: values defined before it. */
export interface Names {
  readonly lets: Map<string, number>;
  readonly remarks: Remarks;
}

/** Resolves names, fields and functions; null where something does not exist, which is reported. */
export function compileExpr(node: ExprNode, names: Names): WorkExpr | null {
  switch (node.kind) {
    case "number":
    case "text":
      return { kind: node.kind, value: node.value } as WorkExpr;
    case "name":
      return compileName(node, names);
    case "field":
      return compileField(node, names);
    case "at":
      return compileAt(node, names);
    case "not": {
      const of = compileExpr(node.of, names);
      return of && { kind: "not", of };
    }
    case "binary": {
      const left = compileExpr(node.left, names);
      const right = compileExpr(node.right, names);
      if (node.op === "/" && node.right.kind === "number" && node.right.value === 0)
        names.remarks.error(
          "division-by-zero",
          node.right.range,
          "a division by zero has no answer",
        );
      return left && right && { kind: "binary", op: node.op, left, right };
    }
    case "if": {
      const test = compileExpr(node.test, names);
      const then = compileExpr(node.then, names);
      const otherwise = compileExpr(node.otherwise, names);
      return test && then && otherwise && { kind: "if", test, then, otherwise };
    }
    case "call":
      return compileCall(node, names);
  }
}

function compileName(
  { name, range }: Extract<ExprNode, { kind: "name" }>,
  { lets, remarks }: Names,
): WorkExpr | null {
  const index = lets.get(name);
  if (index !== undefined) return { kind: "let", index };
  // A type is written as the word it is: `size(bf16)`.
  if (Object.hasOwn(TYPE_BYTES, name)) return { kind: "text", value: name };
  const known = [...lets.keys(), ...Object.keys(TYPE_BYTES), "input", "step"];
  remarks.error(
    "unknown-word",
    range,
    `nothing is called \`${name}\` here`,
    didYouMean(name, known),
  );
  return null;
}

function compileField(
  { of, field }: Extract<ExprNode, { kind: "field" }>,
  names: Names,
): WorkExpr | null {
  const { text, range } = field;
  if (of.kind === "name" && of.name === "step") {
    if (Object.hasOwn(STEP_FIELDS, text)) return { kind: "step", field: text as StepField };
    const hint = didYouMean(text, Object.keys(STEP_FIELDS));
    names.remarks.error("unknown-word", range, `no step tells \`${text}\``, hint);
    return null;
  }
  const compiled = compileExpr(of, names);
  if (!Object.hasOwn(WORK_FIELDS, text)) {
    const hint = didYouMean(text, Object.keys(WORK_FIELDS));
    names.remarks.error("unknown-word", range, `an input has no field \`${text}\``, hint);
    return null;
  }
  return compiled && { kind: "field", of: compiled, field: text as WorkField };
}

function compileAt(node: Extract<ExprNode, { kind: "at" }>, names: Names): WorkExpr | null {
  const index = compileExpr(node.index, names);
  if (node.of.kind === "name" && node.of.name === "input") return index && { kind: "input", index };
  const of = compileExpr(node.of, names);
  return of && index && { kind: "at", of, index };
}

function compileCall(
  { fn, args }: Extract<ExprNode, { kind: "call" }>,
  names: Names,
): WorkExpr | null {
  const compiled = args.map((arg) => compileExpr(arg, names));
  if (!Object.hasOwn(WORK_FUNCTIONS, fn.text)) {
    const hint = didYouMean(fn.text, Object.keys(WORK_FUNCTIONS));
    names.remarks.error("unknown-word", fn.range, `there is no function \`${fn.text}\``, hint);
    return null;
  }
  const { least, most } = WORK_FUNCTIONS[fn.text as WorkFunction];
  if (args.length < least || args.length > most) {
    const count = least === most ? `${least}` : `${least} to ${most}`;
    names.remarks.error("impossible-value", fn.range, `\`${fn.text}\` takes ${count} arguments`);
    return null;
  }
  if (compiled.some((each) => each === null)) return null;
  return { kind: "call", fn: fn.text as WorkFunction, args: compiled as WorkExpr[] };
}
