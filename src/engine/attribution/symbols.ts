import { createClassMatcher } from "../../model/class-match.ts";
import type { KernelSymbol, Site } from "../../model/kernel-graph.ts";
import type { Definition, RuleSet } from "../../model/rule.ts";
import type { Trace } from "../../model/trace.ts";
import { PairTable } from "./pair-table.ts";
import { symbolFields } from "./symbol-fields.ts";

/** Vocabulary a rule set brings along. */
export type Vocabulary = Pick<RuleSet, "classes" | "categories" | "roles" | "libraries">;

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
    const { id, isNew } = pairs.intern(name, kindOfSite[site]!);
    symbolOf[row] = id;
    if (isNew) symbols.push(nameIt(name, trace.gpu.kind[row]!, site, sites[site]!));
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
  const matcher = createClassMatcher(vocabulary);
  const firstFit = (list: readonly Definition[], fields: ReturnType<typeof symbolFields>) =>
    list.find((definition) => matcher.matches(definition.class, fields))?.id ?? null;
  return (name: number, kind: number, siteIndex: number, site: Site): KernelSymbol => {
    const spelling = trace.kernelNames[name]!;
    const bare = symbolFields(spelling, kind, site);
    const category = firstFit(vocabulary.categories, bare) ?? "other";
    const library = firstFit(vocabulary.libraries, { ...bare, category: [category] });
    // Roles may ask for both.
    const role = firstFit(
      vocabulary.roles,
      symbolFields(spelling, kind, site, { category, library }),
    );
    return { name, site: siteIndex, category, role, library };
  };
}
