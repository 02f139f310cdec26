import type { KernelFields } from "../../../model/facts.ts";
import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import { symbolFields } from "../../attribution/symbol-fields.ts";

/** What class expressions may see of each symbol. */
export function fieldsOfSymbols(graph: KernelGraph): readonly KernelFields[] {
  const kinds = symbolKinds(graph);
  return graph.symbols.map((symbol, index) =>
    symbolFields(graph.trace.kernelNames[symbol.name]!, kinds[index]!, graph.sites[symbol.site]!, {
      ...symbol,
    }),
  );
}

/** GPU kind per symbol: kernels and copies never share a name, so any one of its events tells. */
function symbolKinds(graph: KernelGraph): Uint8Array {
  const kinds = new Uint8Array(graph.symbols.length);
  const { kind, count } = graph.trace.gpu;
  for (let row = 0; row < count; row++) kinds[graph.symbolOf[row]!] = kind[row]!;
  return kinds;
}
