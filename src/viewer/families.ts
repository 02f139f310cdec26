/**
 * Categories of the vocabulary by the colour they share: eight that colour-blind readers tell apart
 * (Okabe and Ito, https://jfly.uni-koeln.de/color/) and grey for the rest. Names are CSS classes.
 */
export const FAMILIES = {
  gemm: { title: "GEMM", categories: ["gemm", "moe-gemm"] },
  attention: { title: "Attention", categories: ["attention", "linear-attention"] },
  pointwise: {
    title: "Norm, RoPE, elementwise",
    categories: ["norm", "rope", "activation", "elementwise"],
  },
  quantize: { title: "Quantize", categories: ["quantize"] },
  kv: { title: "KV cache", categories: ["kv-cache"] },
  comm: { title: "Communication", categories: ["communication", "dispatch-combine"] },
  routing: { title: "Routing, sampling", categories: ["routing", "sampling"] },
  memory: { title: "Copy, fill", categories: ["copy", "fill"] },
  other: { title: "Other", categories: [] },
} as const satisfies Record<string, { title: string; categories: readonly string[] }>;
export type Family = keyof typeof FAMILIES;

const FAMILY_OF: ReadonlyMap<string, Family> = new Map(
  Object.entries(FAMILIES).flatMap(([family, { categories }]) =>
    categories.map((category): [string, Family] => [category, family as Family]),
  ),
);

/** "other" for a category nobody gave a colour. */
export function familyOf(category: string): Family {
  return FAMILY_OF.get(category) ?? "other";
}
