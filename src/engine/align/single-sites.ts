import { type KernelGraph, type Site, VIA_CODE } from "../../model/kernel-graph.ts";
import { siteKinds } from "../attribution/symbols.ts";

/**
 * Kernel names that one single place of the mapping traces launches. Full names only: a kernel is
 * never located because its name resembles another's. Instance numbers and shapes belong to the
 * lender and are left out.
 */
export function singleSites(mappings: readonly KernelGraph[]): ReadonlyMap<string, Site> {
  const found = new Map<string, { key: string; site: Site } | null>();
  for (const mapping of mappings) {
    const kinds = siteKinds(mapping.sites);
    const { gpu, kernelNames } = mapping.trace;
    const seen = new Set<number>();
    for (let row = 0; row < gpu.count; row++) {
      if (mapping.viaOf[row] !== VIA_CODE.direct) continue;
      const kind = kinds[mapping.siteOf[row]!]!;
      const pair = gpu.name[row]! * mapping.sites.length + kind;
      if (seen.has(pair)) continue;
      seen.add(pair);
      const site = mapping.sites[mapping.siteOf[row]!]!;
      const key = JSON.stringify([site.location, site.fn, site.module, site.cpuOp, site.topOp]);
      const { raw } = kernelNames[gpu.name[row]!]!;
      const known = found.get(raw);
      if (known === undefined) found.set(raw, { key, site });
      else if (known !== null && known.key !== key) found.set(raw, null);
    }
  }
  const single = new Map<string, Site>();
  for (const [name, entry] of found)
    if (entry !== null)
      single.set(name, { ...entry.site, modulePath: null, shapes: null, types: null });
  return single;
}
