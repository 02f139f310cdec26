import type { ClassMatcher } from "../../model/classes/class-decisions.ts";
import type { KernelFields } from "../../model/facts.ts";
import type { ClassExpr, ClassId, RuleSet } from "../../model/rule.ts";

/** What a kernel of the right category under another name is worth. */
const SAME_KIND = 0.5;

type Classes = Pick<RuleSet, "classes" | "categories">;

/** By number of the kernel; null fits nothing. */
type Looked = readonly (KernelFields | null)[];

/**
 * How far each kernel symbol fits a class, 0 to 1. A class that asks for several things (a name and
 * a scope) is half met where half of them hold; a kernel of the category that the class is a part
 * of, under a name the class does not know, counts half. Asked once per class, then remembered.
 */
export function createClassFits(
  ruleSet: Classes,
  matcher: ClassMatcher,
  symbols: Looked,
): (id: ClassId) => Float64Array {
  const kindsOf = createKindsOf(ruleSet);
  const fitsOfParts = createPartFits(ruleSet, matcher, symbols);
  return remembered((id) => {
    const kinds = kindsOf(id);
    const parts = fitsOfParts(id);
    return fitsOfSymbols(symbols, (fields, symbol) => {
      if (matcher.matches(id, fields)) return 1;
      const isSameKind = fields.category.some((category) => kinds.has(category));
      // Only a match is a whole fit, however the parts of an alternative add up.
      return Math.min(0.9, Math.max(parts[symbol]!, isSameKind ? SAME_KIND : 0));
    });
  });
}

/** How far the parts of a class hold: where it asks for one thing only, it matches or does not. */
function createPartFits(
  { classes }: Classes,
  matcher: ClassMatcher,
  symbols: Looked,
): (id: ClassId) => Float64Array {
  const fitOf = (expr: ClassExpr, fields: KernelFields, symbol: number): number => {
    switch (expr.kind) {
      case "any":
        return expr.of.reduce((most, part) => Math.max(most, fitOf(part, fields, symbol)), 0);
      case "all": {
        const asked = expr.of.filter((part) => part.kind !== "not");
        if (expr.of.some((part) => part.kind === "not" && !matcher.matchesExpr(part, fields)))
          return 0;
        const sum = asked.reduce((total, part) => total + fitOf(part, fields, symbol), 0);
        return sum / Math.max(1, asked.length);
      }
      case "class":
        return ofParts(expr.class)[symbol]!;
      default:
        return matcher.matchesExpr(expr, fields) ? 1 : 0;
    }
  };
  const asksForSeveral = remembered((id: ClassId): boolean => hasSeveral(classes[id]!.expr));
  const hasSeveral = (expr: ClassExpr): boolean =>
    expr.kind === "all" ||
    (expr.kind === "any" && expr.of.some(hasSeveral)) ||
    (expr.kind === "class" && asksForSeveral(expr.class));
  const ofParts = remembered((id: ClassId): Float64Array => {
    const { expr } = classes[id]!;
    return asksForSeveral(id)
      ? fitsOfSymbols(symbols, (fields, symbol) => fitOf(expr, fields, symbol))
      : fitsOfSymbols(symbols, (fields) => Number(matcher.matches(id, fields)));
  });
  return ofParts;
}

function fitsOfSymbols(
  symbols: Looked,
  fitOf: (fields: KernelFields, symbol: number) => number,
): Float64Array {
  const fits = new Float64Array(symbols.length);
  for (const [symbol, fields] of symbols.entries())
    if (fields !== null) fits[symbol] = fitOf(fields, symbol);
  return fits;
}

function remembered<T>(ask: (id: ClassId) => T): (id: ClassId) => T {
  const known = new Map<ClassId, T>();
  return (id) => {
    let answer = known.get(id);
    if (answer === undefined) {
      answer = ask(id);
      known.set(id, answer);
    }
    return answer;
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
