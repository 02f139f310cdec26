import { type KernelGraph, type Site, VIA_CODE } from "../../model/trace/kernel-graph.ts";
import { text } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import { siteKinds } from "../attribution/symbols.ts";
import type { LentCall } from "./templates.ts";

/** Where the mapping traces launch a kernel. */
export interface NameSite {
  readonly site: Site;
  /** A call of that place, where all of them have the same arguments; else null. */
  readonly call: LentCall | null;
}

interface Found {
  readonly key: string;
  readonly site: Site;
  readonly call: LentCall | null;
  readonly args: string;
}

/**
 * Kernel names that one single place of the mapping traces launches. Full names only: a kernel is
 * never located because its name resembles another's. Instance numbers and shapes belong to the
 * lender and are left out of the site.
 */
export function singleSites(mappings: readonly KernelGraph[]): ReadonlyMap<string, NameSite> {
  const found = new Map<string, Found | null>();
  for (const mapping of mappings) {
    const kinds = siteKinds(mapping.sites);
    const { gpu, kernelNames } = mapping.trace;
    const seen = new Set<string>();
    for (let row = 0; row < gpu.count; row++) {
      if (mapping.viaOf[row] !== VIA_CODE.direct) continue;
      const { call, ids } = callAt(mapping, row);
      const each = `${gpu.name[row]} ${kinds[mapping.siteOf[row]!]} ${ids}`;
      if (seen.has(each)) continue;
      seen.add(each);
      const site = mapping.sites[mapping.siteOf[row]!]!;
      const key = JSON.stringify([site.location, site.fn, site.module, site.cpuOp, site.topOp]);
      const args = argumentsOf(call);
      const { raw } = kernelNames[gpu.name[row]!]!;
      const known = found.get(raw);
      if (known === undefined) found.set(raw, { key, site, call, args });
      else if (known !== null && known.key !== key) found.set(raw, null);
      else if (known !== null && known.args !== args) found.set(raw, { ...known, call: null });
    }
  }
  const single = new Map<string, NameSite>();
  for (const [name, entry] of found)
    if (entry !== null)
      single.set(name, {
        site: { ...entry.site, modulePath: null, shapes: null, types: null },
        call: entry.call,
      });
  return single;
}

/** The call behind a kernel, and what tells its arguments apart within its trace. */
function callAt({ calls }: KernelGraph, row: Row): { call: LentCall | null; ids: string } {
  const op = calls.opOf[row]!;
  if (op < 0) return { call: null, ids: "" };
  const trace = calls.traces[calls.traceOf[row]!]!;
  const { shapes, types, strides, concrete } = trace.ops;
  return {
    call: { trace, op, launch: calls.launchOf[row]! },
    ids: `${calls.traceOf[row]} ${shapes[op]} ${types[op]} ${strides[op]} ${concrete[op]}`,
  };
}

function argumentsOf(call: LentCall | null): string {
  if (call === null) return "";
  const { trace, op } = call;
  const { shapes, types, strides, concrete } = trace.ops;
  return [shapes, types, strides, concrete].map((column) => text(trace, column[op]!)).join("\n");
}
