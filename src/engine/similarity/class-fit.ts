import type { ClassMatcher, KernelFields } from "../../model/class-match.ts";
import type { ClassExpr, ClassId, RuleSet } from "../../model/rule.ts";

/** What a kernel of the right category under another name is worth. */
const SAME_KIND = 0.5;

type Classes = Pick<RuleSet, "classes" | "categories">;

/**
 * How far each kernel symbol fits a class, 0 to 1. A class that asks for several things (a name and
 * a scope) is half met where half of them hold; a kernel of the category that the class is a part
 * of, under a name the class does not know, counts half. Asked once per class, then remembered.
 */
export function createClassFits(
  ruleSet: Classes,
  matcher: ClassMatcher,
  symbols: readonly KernelFields[],
): (id: ClassId) => Float64Array {
  const kindsOf = createKindsOf(ruleSet);
  const fitOf = (expr: ClassExpr, fields: KernelFields): number => {
    switch (expr.kind) {
      case "any":
        return Math.max(...expr.of.map((part) => fitOf(part, fields)));
      case "all": {
        const asked = expr.of.filter((part) => part.kind !== "not");
        if (expr.of.some((part) => part.kind === "not" && !matcher.matchesExpr(part, fields)))
          return 0;
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
  const known = new Map<ClassId, Float64Array>();
  return (id) => {
    let fits = known.get(id);
    if (fits !== undefined) return fits;
    const kinds = kindsOf(id);
    const { expr } = ruleSet.classes[id]!;
    fits = Float64Array.from(symbols, (fields) => {
      if (matcher.matchesExpr(expr, fields)) return 1;
      const isSameKind = fields.category.some((category) => kinds.has(category));
      // Only a match is a whole fit, however the parts of an alternative add up.
      return Math.min(0.9, Math.max(fitOf(expr, fields), isSameKind ? SAME_KIND : 0));
    });
    known.set(id, fits);
    return fits;
  };
}

/** The categories whose definition a class is part of, or else one of its own parts is part of. */
function createKindsOf(ruleSet: Classes): (id: ClassId) => ReadonlySet<string> {
  const defined = ruleSet.classes.map(() => new Set<string>());
  for (const { id, class: root } of ruleSet.categories)
    for (const part of partsOf(ruleSet, root)) defined[part]!.add(id);
  return (id) =>
    defined[id]!.size > 0
      ? defined[id]!
      : new Set([...partsOf(ruleSet, id)].flatMap((part) => [...defined[part]!]));
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
