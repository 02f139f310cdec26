/** Operations that kernels are named after, one pattern each. A name with two of them joins two. */
const OPERATIONS: readonly RegExp[] = [
  /norm(?!al)|rms/,
  /rope|rotary|mrope/,
  /quant|(?:to_|cast_|cvt_)(?:fp|mxfp|nvfp)/,
  /silu|gelu|swiglu|geglu|relu|act_and_mul|activation|sigmoid|gating/,
  /residual|(?:^|_)add(?:_|$)/,
  /all_?reduce|reduce_?scatter|all_?gather|all_?to_?all|a2a/,
  /gemm|matmul|(?:^|_)mm(?:_|$)|linear|(?:^|_)proj(?:_|$)/,
  /top_?k|top_?p|rout(?:e|ing)/,
  /attention|attn|fmha|(?:^|_)mla(?:_|$)/,
  /kv_?cache|cache_?(?:write|store|update)|(?:store|write|set|append)_(?:kv|k|cache)/,
  /conv(?:1d|2d)?(?:_|$)/,
  /softmax|sampl/,
  /finali[sz]e|combine|dispatch/,
];

/** Kernels that prepare or count say what they prepare for. */
const PREPARES = /metadata|plan|prepare|schedul|indices|indptr|offset|workspace|count/;

/**
 * Does the kernel do the work of several, as far as its name tells? It says so, or names two
 * operations. Names of template arguments do not count.
 */
export function saysFused(symbol: string): boolean {
  const own = symbol
    .split(/::|\./)
    .at(-1)!
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_")
    .toLowerCase();
  if (PREPARES.test(own)) return false;
  if (/(?:^|_)fused?(?:_|$)|[a-z]_and_[a-z]/.test(own)) return true;
  return OPERATIONS.filter((operation) => operation.test(own)).length >= 2;
}
