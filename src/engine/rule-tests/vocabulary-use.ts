import type { ClassExpr, ClassId, Rule, RuleSet } from "../../model/rule.ts";
import type { Vocabulary } from "../attribution/symbols.ts";
import { classesOfRule } from "../match/classes/class-table.ts";

const NONE: readonly never[] = [];

/**
 * The vocabulary as far as a rule can notice it: none of it unless one of its classes asks for a
 * category, a role or a library. Naming kernels through all of it takes longer than a rule's test.
 */
export function vocabularyFor(ruleSet: RuleSet, rule: Rule): Vocabulary {
  const seen = new Set<ClassId>();
  const asks = (expr: ClassExpr): boolean => {
    switch (expr.kind) {
      case "any":
      case "all":
        return expr.of.some(asks);
      case "not":
        return asks(expr.of);
      case "class":
        if (seen.has(expr.class)) return false;
        seen.add(expr.class);
        return asks(ruleSet.classes[expr.class]!.expr);
      default:
        return expr.field === "category" || expr.field === "role" || expr.field === "library";
    }
  };
  if (classesOfRule(rule).some((id) => asks({ kind: "class", class: id }))) return ruleSet;
  return { classes: ruleSet.classes, categories: NONE, roles: NONE, libraries: NONE };
}
