import type { KernelFields } from "../../model/class-match.ts";
import type { KernelGraph } from "../../model/kernel-graph.ts";
import { GPU_KIND } from "../../model/trace.ts";

const KIND_NAME = ["kernel", "copy", "fill"] as const;

/**
 * What class expressions may see of a symbol. A field has several spellings where traces differ
 * in how they write the same thing.
 */
export function symbolFields(graph: KernelGraph, symbol: number, kind: number): KernelFields {
  const { name, site, category, role, library } = graph.symbols[symbol]!;
  const { raw, demangled } = graph.trace.kernelNames[name]!;
  const place = graph.sites[site]!;
  return {
    name: known(raw, demangled),
    op: known(place.cpuOp, place.topOp),
    scope: known(place.module),
    frame: known(place.location === null ? null : `${place.location} ${place.fn ?? ""}`.trimEnd()),
    category: [category],
    role: known(role),
    library: known(library),
    kind: [KIND_NAME[kind] ?? "kernel"],
  };
}

/** GPU kind per symbol: kernels and copies never share a name, so the first event seen tells. */
export function symbolKinds(graph: KernelGraph): Uint8Array {
  const kinds = new Uint8Array(graph.symbols.length).fill(GPU_KIND.kernel);
  const { kind, count } = graph.trace.gpu;
  for (let row = count - 1; row >= 0; row--) kinds[graph.symbolOf[row]!] = kind[row]!;
  return kinds;
}

function known(...texts: readonly (string | null)[]): readonly string[] {
  return [...new Set(texts.filter((text): text is string => text !== null && text !== ""))];
}
