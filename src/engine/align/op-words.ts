/**
 * What the words of an op, function or module promise about the kernels it launches. Engines and
 * PyTorch name them after the work, so a few stems cover all of them. Only alignment listens, and
 * only where launches carry no kernel names: a promise weighs for or against a pair, it never
 * locates a kernel by itself, and no table shows it. First fit wins: special work before general.
 */
const STEMS: readonly (readonly [category: string, stems: RegExp])[] = [
  // Inductor lists every op it fused, so a word in its names promises less than elsewhere.
  ["norm", /^triton_(red|per)_fused.*(rsqrt|mean)/],
  ["activation", /^triton_poi_fused.*(silu|gelu)/],
  ["elementwise", /^triton_(poi|red|per)_fused/],
  ["communication", /all_?reduce|all_?gather|reduce_?scatter|all_?to_?all|broadcast/],
  ["dispatch-combine", /deepep|dispatch|(?<!re)combine(?!d)/],
  ["kv-cache", /kv_?(cache|buffer|store)|store_?cache|and_cache|set_kv/],
  ["rope", /rope|rotary/],
  ["routing", /top_?k|rout(er|ing)|moe_(align|sum|permute|unpermute)|fused_gate|finalize/],
  ["moe-gemm", /experts?|fused_moe|moe_forward|grouped_?(gemm|mm)|moe_gemm|moe_kernel/],
  ["quantize", /quant/],
  ["norm", /norm/],
  ["activation", /silu|gelu|swiglu|act_and_mul|relu|activation/],
  ["linear-attention", /mamba|causal_conv|delta_rule|selective|linear_attn|ssm/],
  ["attention", /attn|attention|flash|fmha|paged|mla|sdpa|mha/],
  ["sampling", /sampl|argmax|multinomial|logits_process/],
  ["gemm", /(^|_|:)(mm|addmm|bmm|matmul|linear|gemm|scaled_mm)(_|$|out)|linear$/],
  ["copy", /copy|(^|:)(cat|clone|contiguous|to|index|index_select|embedding|gather|stack)(_|$)/],
  ["fill", /fill|zero|ones|full(_|$)/],
  ["elementwise", /(^|:)(add|sub|mul|div|neg|pow|exp|clamp|where|arange|eq|lt|gt|rsqrt)_?$/],
];

/** Category the words promise, most telling word first; null when none promises anything. */
export function promisedCategory(words: readonly string[]): string | null {
  for (const word of words) {
    const lower = word.toLowerCase();
    const found = STEMS.find(([, stems]) => stems.test(lower));
    if (found !== undefined) return found[0];
  }
  return null;
}

/** Kinds of work that names tell apart less well than they seem to. */
const ALIKE: Readonly<Record<string, string>> = {
  "moe-gemm": "gemm",
  fill: "copy",
  elementwise: "copy",
  "kv-cache": "copy",
  "linear-attention": "attention",
};

/** True when a kernel of this category keeps what the words promised. */
export function keepsPromise(category: string, promised: string): boolean {
  return (ALIKE[category] ?? category) === (ALIKE[promised] ?? promised);
}
