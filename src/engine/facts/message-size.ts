import type { Fact } from "../../model/facts.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";

/** Bytes of the types that a collective's arguments name. */
const TYPE_BYTES: Readonly<Record<string, number>> = {
  BFloat16: 2,
  Half: 2,
  Float: 4,
  Float8_e4m3fn: 1,
  Byte: 1,
  Char: 1,
};

/**
 * Bytes that one all-reduce of the stage sums: told by the collective's own arguments where they
 * were recorded, else tokens of the step times the width of the norm beside it, or of the model by
 * its configuration, times the bytes of a value. Null where neither is known. The median over the launches, so that it is one that occurred.
 */
export function messageFact(
  graph: KernelGraph,
  stage: StageGraph,
  tokens: Fact | null,
  hidden: number | null,
): Fact | null {
  const recorded = recordedBytes(graph);
  if (recorded !== null)
    return { value: recorded, from: "median message of the recorded all-reduces" };
  // Serving engines sum 16-bit activations.
  const told = hidden === null ? null : { columns: hidden, bytes: 2 };
  const width = normWidth(graph, stage) ?? told;
  if (width === null || typeof tokens?.value !== "number") return null;
  return {
    value: tokens.value * width.columns * width.bytes,
    from: `${tokens.value} tokens of ${width.columns} values of ${width.bytes} bytes`,
  };
}

function recordedBytes({ trace: { ops, strings } }: KernelGraph): number | null {
  const sizes: number[] = [];
  for (let op = 0; op < ops.count; op++) {
    if (ops.collective[op] === 0) continue;
    const text = strings[ops.collective[op]!]!;
    if (!/all_?reduce/i.test(text)) continue;
    const elements = Number(/"In msg nelems":\s*"?(\d+)/.exec(text)?.[1]);
    const bytes = TYPE_BYTES[/"dtype":\s*"?(\w+)/.exec(text)?.[1] ?? ""];
    if (elements > 0 && bytes !== undefined) sizes.push(elements * bytes);
  }
  sizes.sort((a, b) => a - b);
  return sizes[(sizes.length - 1) >> 1] ?? null;
}

/** Width and bytes of the rows that the stage's layer norms were given, where shapes were recorded. */
function normWidth(
  { symbols, symbolOf, sites, siteOf }: KernelGraph,
  { events }: StageGraph,
): { readonly columns: number; readonly bytes: number } | null {
  for (const row of events) {
    const { category, role } = symbols[symbolOf[row]!]!;
    if (category !== "norm" || role === "qk_norm" || role === "qkv_a_norm") continue;
    const { shapes, types } = sites[siteOf[row]!]!;
    const columns = Number(/^\[\[\d+(?:,\s*\d+)*,\s*(\d+)\]/.exec(shapes ?? "")?.[1]);
    const bytes = /BFloat16|Half/.test(types ?? "") ? 2 : /float/.test(types ?? "") ? 4 : null;
    if (columns > 0 && bytes !== null) return { columns, bytes };
  }
  return null;
}
