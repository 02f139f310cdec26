import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import { type ClassMatcher, decisionsOf } from "../../model/classes/class-decisions.ts";
import type { VocabularyAnswer } from "../../model/contracts/row-explanation.ts";
import type { KernelFields } from "../../model/facts.ts";
import type { ClassExpr, Definition, RuleSet } from "../../model/rule.ts";
import type { KernelGraph, KernelSymbol } from "../../model/trace/kernel-graph.ts";
import type { Row } from "../../model/trace/units.ts";
import { tellingGrounds } from "../attribution/category.ts";
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
  const matcher = decisionsOf(ruleSet);
  const bySymbol = groupBy(rows, (row) => graph.symbolOf[row]!);
  const found = new Map<string, VocabularyAnswer>();
  for (const [index, mine] of bySymbol) {
    const symbol = graph.symbols[index]!;
    const name = graph.trace.kernelNames[symbol.name]!;
    const kind = graph.trace.gpu.kind[mine[0]!]!;
    const site = graph.sites[symbol.site]!;
    const { category, library } = symbol;
    const bare = symbolFields(name, kind, site);
    for (const told of [
      categoryAnswer(ruleSet, matcher, symbol, name.demangled, bare),
      roleAnswer(ruleSet, matcher, symbol, symbolFields(name, kind, site, { category, library })),
      libraryAnswer(ruleSet, matcher, symbol, { ...bare, category: [category] }),
    ]) {
      if (told === null) continue;
      const { part } = told;
      const because = typeof part === "string" || part === null ? part : describe(part);
      const answer = { what: told.what, answer: told.answer, from: told.from, class: told.class };
      const key = JSON.stringify([answer, because]);
      const launches = (found.get(key)?.launches ?? 0) + mine.length;
      found.set(key, { ...answer, because, launches });
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

interface Told extends Pick<VocabularyAnswer, "what" | "answer" | "from" | "class"> {
  /** The part of the class that fits, or the place in words. */
  readonly part: ClassExpr | string | null;
}

type Named = Pick<KernelSymbol, "category" | "categoryFrom" | "role" | "roleFrom" | "roleGround">;

/** A category by the ground that told it: class, words, op or place. */
function categoryAnswer(
  ruleSet: RuleSet,
  matcher: ClassMatcher,
  { category, categoryFrom, roleGround }: Named,
  demangled: string,
  fields: KernelFields,
): Told | null {
  const told = { what: "category", answer: category, from: categoryFrom } as const;
  if (categoryFrom === "position") return { ...told, class: null, part: roleGround };
  const grounds =
    (categoryFrom === "words" || categoryFrom === "op") && ruleSet.categoriesBy !== undefined
      ? tellingGrounds(ruleSet.categoriesBy, categoryFrom, demangled, fields)
      : [{ definitions: ruleSet.categories, fields }];
  for (const ground of grounds) {
    const found = decided(ruleSet, matcher, ground.definitions, ground.fields);
    if (found !== null) return { ...told, ...found };
  }
  return { ...told, class: null, part: null };
}

function roleAnswer(
  ruleSet: RuleSet,
  matcher: ClassMatcher,
  { role, roleFrom, roleGround }: Named,
  fields: KernelFields,
): Told | null {
  if (role === null) return null;
  const told = { what: "role", answer: role, from: roleFrom } as const;
  if (roleFrom === "position") return { ...told, class: null, part: roleGround };
  const found = decided(ruleSet, matcher, ruleSet.roles, fields);
  return { ...told, ...(found ?? { class: null, part: null }) };
}

function libraryAnswer(
  ruleSet: RuleSet,
  matcher: ClassMatcher,
  { library }: Pick<KernelSymbol, "library">,
  fields: KernelFields,
): Told | null {
  if (library === null) return null;
  const found = decided(ruleSet, matcher, ruleSet.libraries, fields);
  const told = { what: "library", answer: library, from: "class" } as const;
  return { ...told, ...(found ?? { class: null, part: null }) };
}

/** The class of the first definition that fits, and the part of it that does. */
function decided(
  ruleSet: RuleSet,
  matcher: ClassMatcher,
  definitions: readonly Definition[],
  fields: KernelFields,
): Pick<Told, "class" | "part"> | null {
  const definition = definitions.find((one) => matcher.matches(one.class, fields));
  if (definition === undefined) return null;
  const { name, expr } = ruleSet.classes[definition.class]!;
  return { class: name, part: decidingPart(ruleSet, matcher, expr, fields) };
}

/**
 * The first alternative that fits, down to where there are none: what one would change. Of parts that
 * must all fit, those that only leave out say nothing of why a word tells.
 */
function decidingPart(
  ruleSet: RuleSet,
  matcher: ClassMatcher,
  expr: ClassExpr,
  fields: KernelFields,
): ClassExpr {
  if (expr.kind === "class")
    return decidingPart(ruleSet, matcher, ruleSet.classes[expr.class]!.expr, fields);
  if (expr.kind === "all" && fields.word.length > 0) {
    const telling = expr.of.findLast((one) => !onlyLeavesOut(ruleSet, one));
    return telling === undefined ? expr : decidingPart(ruleSet, matcher, telling, fields);
  }
  if (expr.kind !== "any") return expr;
  const part = expr.of.find((one) => matcher.matchesExpr(one, fields));
  return part === undefined ? expr : decidingPart(ruleSet, matcher, part, fields);
}

function onlyLeavesOut(ruleSet: RuleSet, expr: ClassExpr): boolean {
  if (expr.kind === "class") return onlyLeavesOut(ruleSet, ruleSet.classes[expr.class]!.expr);
  if (expr.kind === "all") return expr.of.every((one) => onlyLeavesOut(ruleSet, one));
  return expr.kind === "not";
}
