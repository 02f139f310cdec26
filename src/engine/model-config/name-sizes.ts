import type { ModelShape } from "../../model/model-shape.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import type { RoleCall } from "./role-calls.ts";
import type { Split } from "./split.ts";

interface Sizes {
  readonly hidden: number | null;
  readonly headDim: number | null;
  /** Bytes of one token's keys on a rank, in 2-byte values. */
  readonly keyBytes: number | null;
  readonly group: number | null;
  readonly experts: number | null;
  readonly chosen: number | null;
}

/**
 * Sizes that kernels carry in their names. They tell no work: they only say when a configuration
 * is another model's.
 */
const TELL: readonly (readonly [name: RegExp, sizes: readonly (keyof Sizes)[]])[] = [
  [/store_kvcache<(\d+)l?,/, ["keyBytes"]],
  [/fused_add_rmsnorm\w*?gmemalign\d+o(\d{2,6})\1(?=1_)/, ["hidden"]],
  [/OBfloat16H(\d+)PagedKv|OE4m3H(\d+)PagedKv/, ["headDim"]],
  [/topksoftmax_\d+x(\d+)x(\d+)_/, ["experts", "chosen"]],
  [
    /paged_attention_ll4mi_QKV_mfma16_kernel<[^<>]*, \d+, (\d+), \d+, \w+, (\d+),/,
    ["headDim", "group"],
  ],
];

const WORDS: Readonly<Record<keyof Sizes, string>> = {
  hidden: "hidden size",
  headDim: "size of a head",
  keyBytes: "bytes of a token's keys",
  group: "query heads per head of keys",
  experts: "number of experts",
  chosen: "experts per token",
};

/** What the names of a stage's kernels say against the configuration. */
export function sizesInNames(
  graph: KernelGraph,
  calls: readonly RoleCall[],
  shape: ModelShape,
  split: Split,
): string[] {
  const mine = sizesOf(shape, split);
  const names = new Set(calls.flatMap(({ rows }) => rows.map((row) => graph.trace.gpu.name[row]!)));
  const found = new Set<string>();
  for (const id of names) {
    const { demangled } = graph.trace.kernelNames[id]!;
    for (const [pattern, sizes] of TELL) {
      const match = pattern.exec(demangled);
      if (match === null) continue;
      const numbers = match
        .slice(1)
        .filter((each) => each !== undefined)
        .map(Number);
      for (const [at, size] of sizes.entries()) {
        const own = mine[size];
        const told = numbers[at];
        if (own === null || told === undefined || told === own) continue;
        // A cache in 8 bits.
        if (size === "keyBytes" && 2 * told === own) continue;
        found.add(`the ${WORDS[size]} is ${told} in a kernel's name, ${own} by ${shape.path}`);
      }
    }
  }
  return [...found];
}

function sizesOf(
  { hidden, headDim, heads, kvHeads, experts, latent }: ModelShape,
  split: Split,
): Sizes {
  const isPlain = latent === null;
  const kv = kvHeads === null ? null : Math.max(1, kvHeads / split.attention);
  return {
    hidden,
    headDim: isPlain ? headDim : null,
    keyBytes: isPlain && kv !== null && headDim !== null ? kv * headDim * 2 : null,
    group: heads === null || kv === null ? null : heads / split.attention / kv,
    experts: experts?.count ?? null,
    chosen: experts?.chosen ?? null,
  };
}
