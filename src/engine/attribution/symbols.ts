import { decisionsOf } from "../../model/classes/class-decisions.ts";
import type { KernelFields } from "../../model/facts.ts";
import type { Definition, RuleSet } from "../../model/rule.ts";
import type { KernelSymbol, RoleFrom, Site } from "../../model/trace/kernel-graph.ts";
import type { KernelName, Trace } from "../../model/trace/trace.ts";
import { categoryTeller } from "./category.ts";
import { PairTable } from "./pair-table.ts";
import { symbolFields } from "./symbol-fields.ts";

/** Vocabulary a rule set brings along. */
export type Vocabulary = Pick<
  RuleSet,
  "classes" | "categories" | "categoriesBy" | "roles" | "libraries"
>;

/**
 * The symbol of every GPU event: its name, its site without instance numbers, and what the
 * vocabulary calls it. Symbols are few, so classes are decided once for each.
 */
export function buildSymbols(
  trace: Trace,
  sites: readonly Site[],
  siteOf: Uint32Array,
  vocabulary: Vocabulary,
): { readonly symbols: readonly KernelSymbol[]; readonly symbolOf: Uint32Array } {
  const kindOfSite = siteKinds(sites);
  const pairs = new PairTable();
  const symbolOf = new Uint32Array(trace.gpu.count);
  const symbols: KernelSymbol[] = [];
  const nameIt = createNamer(trace, vocabulary);
  for (let row = 0; row < symbolOf.length; row++) {
    const name = trace.gpu.name[row]!;
    const site = siteOf[row]!;
    const id = pairs.intern(name, kindOfSite[site]!);
    symbolOf[row] = id;
    if (id === symbols.length) symbols.push(nameIt(name, trace.gpu.kind[row]!, site, sites[site]!));
  }
  return { symbols, symbolOf };
}

/** Per site the number of its kind: sites that differ only in instances, shapes or stack are one. */
export function siteKinds(sites: readonly Site[]): Uint32Array {
  const ids = new Map<string, number>();
  return Uint32Array.from(sites, (site) => {
    const key = JSON.stringify([site.location, site.fn, site.module, site.cpuOp, site.topOp]);
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  });
}

function createNamer(trace: Trace, vocabulary: Vocabulary) {
  const nameIt = namerOf(vocabulary);
  return (name: number, kind: number, siteIndex: number, site: Site): KernelSymbol => ({
    name,
    site: siteIndex,
    ...nameIt(trace.kernelNames[name]!, kind, site),
  });
}

type Named = Pick<
  KernelSymbol,
  "category" | "categoryFrom" | "role" | "roleFrom" | "roleGround" | "library"
>;
type Namer = (name: KernelName, kind: number, site: Site) => Named;

/** What the vocabulary has named already: the traces of one run, and the tests of many rules, repeat their kernels. */
const newNamer = (): {
  last: { readonly vocabulary: Vocabulary; readonly nameIt: Namer } | null;
} => ({ last: null });

/** What a vocabulary without definitions calls every kernel. */
const UNNAMED: Named = {
  category: "other",
  categoryFrom: null,
  role: null,
  roleFrom: null,
  roleGround: null,
  library: null,
};

function namerOf(vocabulary: Vocabulary): Namer {
  const { categories, libraries, roles } = vocabulary;
  // Tests of rules that ask for none of them are many, and symbols of tests are read once.
  if (categories.length + libraries.length + roles.length === 0) return () => UNNAMED;
  const namer = decisionsOf(vocabulary).kept(newNamer);
  if (namer.last === null || !isSame(namer.last.vocabulary, vocabulary))
    namer.last = { vocabulary, nameIt: rememberingNamer(vocabulary) };
  return namer.last.nameIt;
}

const isSame = (a: Vocabulary, b: Vocabulary): boolean =>
  a.categories === b.categories &&
  a.categoriesBy === b.categoriesBy &&
  a.libraries === b.libraries &&
  a.roles === b.roles;

function rememberingNamer(vocabulary: Vocabulary): Namer {
  const matcher = decisionsOf(vocabulary);
  const categoryOf = categoryTeller(vocabulary, matcher);
  const known = new Map<string, Named>();
  const firstFit = (list: readonly Definition[], fields: KernelFields) =>
    list.find((definition) => matcher.matches(definition.class, fields))?.id ?? null;
  return (name, kind, site) => {
    const bare = symbolFields(name, kind, site);
    const key = JSON.stringify(bare);
    const before = known.get(key);
    if (before !== undefined) return before;
    const { category, categoryFrom } = categoryOf(name, bare);
    const library = firstFit(vocabulary.libraries, { ...bare, category: [category] });
    // Roles may ask for both.
    const whole = symbolFields(name, kind, site, { category, categoryFrom, library });
    const role = firstFit(vocabulary.roles, whole);
    const roleFrom =
      role === null
        ? null
        : sourceOfRole(role, whole, (fields) => firstFit(vocabulary.roles, fields));
    const named = { category, categoryFrom, role, roleFrom, roleGround: null, library };
    known.set(key, named);
    return named;
  };
}

/** The least that tells the same role: the name, else the op, else the code around it. */
function sourceOfRole(
  role: string,
  fields: KernelFields,
  roleOf: (fields: KernelFields) => string | null,
): RoleFrom {
  const withoutPlace = { ...fields, scope: [], frame: [] };
  if (roleOf({ ...withoutPlace, op: [] }) === role) return "class";
  return roleOf(withoutPlace) === role ? "op" : "module";
}
