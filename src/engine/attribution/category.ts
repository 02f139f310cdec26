import type { ClassMatcher } from "../../model/classes/class-decisions.ts";
import { FIELDS, type FieldName, type KernelFields } from "../../model/facts.ts";
import type { Definition, RuleSet } from "../../model/rule.ts";
import type { KernelSymbol } from "../../model/trace/kernel-graph.ts";
import type { KernelName } from "../../model/trace/trace.ts";
import { nameWords } from "../../names/name-words.ts";

type Told = Pick<KernelSymbol, "category" | "categoryFrom">;

const UNTOLD: Told = { category: "other", categoryFrom: null };

/**
 * Tells a kernel's category by the first ground that has an answer: a class of exact names, the
 * words of the name (its own before those of its template arguments), the CPU op that launched it
 * (the innermost first). The library alone (`at::native`) tells last.
 */
export function categoryTeller(
  { categories, categoriesBy }: Pick<RuleSet, "categories" | "categoriesBy">,
  matcher: ClassMatcher,
): (name: Pick<KernelName, "demangled">, fields: KernelFields) => Told {
  const firstFit = (list: readonly Definition[], fields: KernelFields) =>
    list.find((definition) => matcher.matches(definition.class, fields))?.id ?? null;
  const byName = new Map<string, { readonly first: string | null; readonly last: string | null }>();
  const byWords = (name: string) => {
    let told = byName.get(name);
    if (told === undefined) {
      const { own, inner, library } = nameWords(name);
      const categoryBy = (words: readonly string[]) =>
        words.length === 0 ? null : firstFit(categoriesBy!.words, onlyField("word", words));
      told = { first: categoryBy(own) ?? categoryBy(inner), last: categoryBy(library) };
      byName.set(name, told);
    }
    return told;
  };
  return ({ demangled }, fields) => {
    const exact = firstFit(categories, fields);
    if (exact !== null) return { category: exact, categoryFrom: "class" };
    if (categoriesBy === undefined) return UNTOLD;
    const { first, last } = byWords(demangled);
    if (first !== null) return { category: first, categoryFrom: "words" };
    for (const [depth, op] of fields.op.entries()) {
      // An outer op holds other work beside this kernel: only its name, not its words, may speak.
      const launched =
        firstFit(categoriesBy.op, onlyField("op", [op])) ??
        (depth === 0 ? byWords(op).first : null);
      if (launched !== null) return { category: launched, categoryFrom: "op" };
    }
    return last === null ? UNTOLD : { category: last, categoryFrom: "words" };
  };
}

/** The definitions and the fields that a ground other than a class told a category by. */
interface TellingGround {
  readonly definitions: readonly Definition[];
  readonly fields: KernelFields;
}

/**
 * Candidates for what told a category by words or by op, in the order in which they were asked: the
 * first in which some definition fits is the one. See {@link categoryTeller}.
 */
export function tellingGrounds(
  { words, op }: NonNullable<RuleSet["categoriesBy"]>,
  categoryFrom: "words" | "op",
  demangled: string,
  fields: KernelFields,
): readonly TellingGround[] {
  const ofWords = (texts: readonly string[]): TellingGround => ({
    definitions: words,
    fields: onlyField("word", texts),
  });
  if (categoryFrom === "words") {
    const { own, inner, library } = nameWords(demangled);
    return [own, inner, library].map(ofWords);
  }
  return fields.op.flatMap((one, depth) => [
    { definitions: op, fields: onlyField("op", [one]) },
    ...(depth === 0 ? [ofWords(nameWords(one).own), ofWords(nameWords(one).inner)] : []),
  ]);
}

const NOTHING = Object.fromEntries(
  Object.keys(FIELDS).map((field) => [field, []]),
) as unknown as KernelFields;

const onlyField = (field: FieldName, spellings: readonly string[]): KernelFields => ({
  ...NOTHING,
  [field]: spellings,
});
