import fc from "fast-check";
import { expect, test } from "vitest";
import { decisionsOf } from "../../../src/model/classes/class-decisions.ts";
import { compileGlob, matchesGlob } from "../../../src/model/classes/glob.ts";
import type { FieldName, KernelFields } from "../../../src/model/facts.ts";
import type { ClassExpr } from "../../../src/model/rule.ts";

type Classes = readonly { readonly name: string; readonly expr: ClassExpr }[];

const field = fc.constantFrom<FieldName>("name", "op", "scope");
const glob = fc.constantFrom("*norm*", "rms*", "*gemm", "*", "gemm", "*qkv_proj*", "*n*", "a*b");
const text = fc.constantFrom("rms_norm", "gemm", "cutlass_gemm", "qkv_proj", "axb", "");
const glob1: fc.Arbitrary<ClassExpr> = fc.record({ kind: fc.constant("glob"), field, glob });

/** An expression that refers only to classes before it. */
function exprOver(before: number): fc.Arbitrary<ClassExpr> {
  const leaf =
    before === 0
      ? glob1
      : fc.oneof(
          glob1,
          fc.record({ kind: fc.constant("class" as const), class: fc.nat({ max: before - 1 }) }),
        );
  return fc.letrec<{ expr: ClassExpr }>((tie) => ({
    expr: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.record({ kind: fc.constant("not" as const), of: tie("expr") }),
      fc.record({
        kind: fc.constantFrom("any" as const, "all" as const),
        of: fc.array(tie("expr"), { maxLength: 4 }),
      }),
    ),
  })).expr;
}

const classes: fc.Arbitrary<Classes> = fc
  .tuple(...Array.from({ length: 6 }, (_, before) => exprOver(before)))
  .map((exprs) => exprs.map((expr, id) => ({ name: `c${id}`, expr })));

const texts = fc.uniqueArray(text, { maxLength: 3 });
const kernel: fc.Arbitrary<KernelFields> = fc
  .record({ name: texts, op: texts, scope: texts })
  .map((some) => ({
    ...some,
    frame: [],
    word: [],
    category: [],
    "category-from": [],
    role: [],
    library: [],
    kind: ["kernel"],
  }));

/** The meaning word by word, without anything remembered or passed over. */
function holds(all: Classes, expr: ClassExpr, fields: KernelFields): boolean {
  switch (expr.kind) {
    case "any":
      return expr.of.some((part) => holds(all, part, fields));
    case "all":
      return expr.of.every((part) => holds(all, part, fields));
    case "not":
      return !holds(all, expr.of, fields);
    case "class":
      return holds(all, all[expr.class]!.expr, fields);
    case "glob":
      return fields[expr.field].some((it) => matchesGlob(compileGlob(expr.glob), it));
  }
}

test("decides every class as its expression reads", () => {
  fc.assert(
    fc.property(classes, fc.array(kernel, { minLength: 1, maxLength: 4 }), (all, kernels) => {
      const matcher = decisionsOf({ classes: all });
      for (const fields of [...kernels, ...kernels])
        for (const [id, { expr }] of all.entries()) {
          expect(matcher.matches(id, fields)).toBe(holds(all, expr, fields));
          expect(matcher.matchesExpr(expr, fields)).toBe(holds(all, expr, fields));
        }
    }),
    { numRuns: 3000 },
  );
});
