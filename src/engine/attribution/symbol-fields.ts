import type { FieldName, KernelFields } from "../../model/facts.ts";
import type { KernelSymbol, Site } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, type KernelName } from "../../model/trace/trace.ts";
import { nameSpellings } from "../../names/kernel-name.ts";

const KIND_NAME = ["kernel", "copy", "fill"] as const;

/** Every spelling of every field a class expression may look at, for one kernel. */
export function symbolFields(
  name: KernelName,
  kind: number,
  site: Site,
  decided: Partial<Pick<KernelSymbol, "category" | "categoryFrom" | "role" | "library">> = {},
): KernelFields {
  const fields: Record<FieldName, readonly string[]> = {
    name: nameSpellings(name),
    op: distinct(site.cpuOp, site.topOp),
    scope: distinct(site.module),
    frame: site.location === null ? NONE : [`${site.location} ${site.fn ?? ""}`],
    word: NONE,
    category: distinct(decided.category),
    "category-from": distinct(decided.categoryFrom),
    role: distinct(decided.role),
    library: distinct(decided.library),
    kind: [KIND_NAME[kind] ?? KIND_NAME[GPU_KIND.kernel]],
  };
  return fields;
}

const NONE: readonly string[] = [];

function distinct(text: string | null | undefined, other?: string | null): readonly string[] {
  const one = text ?? other;
  if (one === null || one === undefined) return NONE;
  return other === null || other === undefined || other === one ? [one] : [one, other];
}
