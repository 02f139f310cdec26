import type { ClassMatcher, KernelFields } from "../../model/class-match.ts";
import type { ClassExpr, ClassId, RuleSet } from "../../model/rule.ts";

/** What a kernel of the right category under another name is worth. */
const SAME_KIND = 0.5;

type Classes = Pick<RuleSet, "classes" | "categories">;

/**
 * How far a kernel fits a class, 0 to 1. A class that asks for several things (a name and a scope)
 * is half met where half of them hold; a kernel of the category that the class is a part of, under
 * a name the class does not know, counts half.
 */
export function createClassFit(
  ruleSet: Classes,
  matcher: ClassMatcher,
): (id: ClassId, fields: KernelFields) => number {
  const kinds = categoriesOfClasses(ruleSet);
  const fitOf = (expr: ClassExpr, fields: KernelFields): number => {
    switch (expr.kind) {
      case "any":
        return Math.max(...expr.of.map((part) => fitOf(part, fields)));
      case "all": {
        const asked = expr.of.filter((part) => part.kind !== "not");
        if (expr.of.some((part) => part.kind === "not" && fitOf(part, fields) === 0)) return 0;
        return (
          asked.reduce((sum, part) => sum + fitOf(part, fields), 0) / Math.max(1, asked.length)
        );
      }
      case "class":
        return fitOf(ruleSet.classes[expr.class]!.expr, fields);
      default:
        return matcher.matchesExpr(expr, fields) ? 1 : 0;
    }
  };
  return (id, fields) => {
    if (matcher.matches(id, fields)) return 1;
    const isSameKind = fields.category.some((category) => kinds[id]!.has(category));
    // Met in full is what `matches` says; the parts of an alternative may add up but stay short of it.
    return Math.min(
      0.9,
      Math.max(fitOf(ruleSet.classes[id]!.expr, fields), isSameKind ? SAME_KIND : 0),
    );
  };
}

/** Per class the categories whose definition it is part of, or that one of its own parts is part of. */
function categoriesOfClasses(ruleSet: Classes): readonly ReadonlySet<string>[] {
  const kinds = ruleSet.classes.map(() => new Set<string>());
  for (const { id, class: root } of ruleSet.categories)
    for (const part of partsOf(ruleSet, root)) kinds[part]!.add(id);
  return ruleSet.classes.map((_, id) => {
    const own = kinds[id]!;
    if (own.size > 0) return own;
    return new Set([...partsOf(ruleSet, id)].flatMap((part) => [...kinds[part]!]));
  });
}

/** A class and every class it refers to, save those it excludes. */
function partsOf(ruleSet: Classes, root: ClassId): ReadonlySet<ClassId> {
  const seen = new Set<ClassId>([root]);
  const visit = (expr: ClassExpr): void => {
    if (expr.kind === "any" || expr.kind === "all") expr.of.forEach(visit);
    if (expr.kind !== "class" || seen.has(expr.class)) return;
    seen.add(expr.class);
    visit(ruleSet.classes[expr.class]!.expr);
  };
  visit(ruleSet.classes[root]!.expr);
  return seen;
}
