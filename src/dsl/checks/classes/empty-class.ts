import type { ClassExpr } from "../../../model/rule.ts";
import type { ClassNode } from "../../ast.ts";
import type { Check } from "../check.ts";
import { isEmpty } from "../proofs/bits.ts";
import { letsOf } from "../proofs/class-walk.ts";

/** empty-class. The class would hold known kernels if it excluded none. */
export const emptyClasses: Check = {
  code: "empty-class",
  *run({ loaded, known }) {
    if (known === null) return;
    const { ruleSet } = loaded;
    const ids = new Map(ruleSet.classes.map(({ name }, id) => [name, id]));
    for (const { ast, file, path } of loaded.files) {
      const rule = ast.rules[0]?.id.text;
      const prefix = path.startsWith("lib/") ? path.slice(4).replace(/\.fuse$/, "") : rule;
      for (const one of letsOf(ast)) {
        const id = ids.get(`${prefix}.${one.name.text}`);
        if (id === undefined || !hasNot(one.expr)) continue;
        const { expr } = ruleSet.classes[id]!;
        if (!isEmpty(known.classes.of(id).may)) continue;
        if (isEmpty(known.classes.ofExpr(withoutNots(expr)).may)) continue;
        yield {
          file,
          ...(rule === undefined ? {} : { rule }),
          range: one.name.range,
          message: `the exclusions of class \`${one.name.text}\` leave no known kernel`,
          help: "narrow what stands after `not`",
        };
      }
    }
  },
};

function hasNot(expr: ClassNode): boolean {
  if (expr.kind === "any" || expr.kind === "all") return expr.of.some(hasNot);
  return expr.kind === "not";
}

/** The expression with every exclusion taken as fulfilled. */
function withoutNots(expr: ClassExpr): ClassExpr {
  if (expr.kind === "not") return { kind: "glob", field: "name", glob: "*" };
  if (expr.kind !== "any" && expr.kind !== "all") return expr;
  return { kind: expr.kind, of: expr.of.map(withoutNots) };
}
