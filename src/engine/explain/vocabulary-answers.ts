import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import { type ClassMatcher, createClassMatcher } from "../../model/classes/class-match.ts";
import type { VocabularyAnswer } from "../../model/contracts/row-explanation.ts";
import type { KernelFields } from "../../model/facts.ts";
import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { ClassExpr, Definition, RuleSet } from "../../model/rule.ts";
import type { Row } from "../../model/units.ts";
import { symbolFields } from "../attribution/symbol-fields.ts";

/** Puts a class expression into the words of the language. */
export type Describe = (expr: ClassExpr) => string;

/** What the vocabulary calls some launches of one kernel, and by which class: most launches first. */
export function vocabularyAnswers(
  ruleSet: RuleSet,
  graph: KernelGraph,
  rows: readonly Row[],
  describe: Describe,
): VocabularyAnswer[] {
  const matcher = createClassMatcher(ruleSet);
  const bySymbol = groupBy(rows, (row) => graph.symbolOf[row]!);
  const found = new Map<string, VocabularyAnswer>();
  for (const [index, mine] of bySymbol) {
    const symbol = graph.symbols[index]!;
    const name = graph.trace.kernelNames[symbol.name]!;
    const kind = graph.trace.gpu.kind[mine[0]!]!;
    const site = graph.sites[symbol.site]!;
    const { category, library } = symbol;
    const bare = symbolFields(name, kind, site);
    const asked: readonly [
      VocabularyAnswer["what"],
      string | null,
      readonly Definition[],
      KernelFields,
    ][] = [
      ["category", category, ruleSet.categories, bare],
      ["role", symbol.role, ruleSet.roles, symbolFields(name, kind, site, { category, library })],
      ["library", library, ruleSet.libraries, { ...bare, category: [category] }],
    ];
    for (const [what, answer, definitions, fields] of asked) {
      if (answer === null) continue;
      const definition = definitions.find((one) => matcher.matches(one.class, fields));
      const class_ = definition === undefined ? null : ruleSet.classes[definition.class]!;
      const part = class_ === null ? null : decidingPart(ruleSet, matcher, class_.expr, fields);
      const because = part === null ? null : describe(part);
      const key = JSON.stringify([what, answer, class_?.name, because]);
      const launches = (found.get(key)?.launches ?? 0) + mine.length;
      found.set(key, { what, answer, class: class_?.name ?? null, because, launches });
    }
  }
  const order = ["category", "role", "library"];
  return [...found]
    .sort(
      ([keyA, a], [keyB, b]) =>
        order.indexOf(a.what) - order.indexOf(b.what) ||
        b.launches - a.launches ||
        compareText(keyA, keyB),
    )
    .map(([, answer]) => answer);
}

/** The first alternative that fits, down to where there are none: what one would change. */
function decidingPart(
  ruleSet: RuleSet,
  matcher: ClassMatcher,
  expr: ClassExpr,
  fields: KernelFields,
): ClassExpr {
  if (expr.kind === "class")
    return decidingPart(ruleSet, matcher, ruleSet.classes[expr.class]!.expr, fields);
  if (expr.kind !== "any") return expr;
  const part = expr.of.find((one) => matcher.matchesExpr(one, fields));
  return part === undefined ? expr : decidingPart(ruleSet, matcher, part, fields);
}
