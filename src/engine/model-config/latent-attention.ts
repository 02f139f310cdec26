import type { AssumedCall, Known } from "./assumed-call.ts";
import { madeCall, plainType } from "./made-call.ts";
import type { RoleCall } from "./role-calls.ts";
import { tensor } from "./tensors.ts";

/** Dims of positions that the model of latent attention reckons with. */
const POSITION_DIMS = 64;

/** Attention over latent keys as decoding does it: every head reads the same cache. */
export function latentAttention(all: Known, call: RoleCall, rows: number): AssumedCall | string {
  const { shape, split, graph, known } = all;
  const { latent, heads } = shape;
  if (latent === null || heads === null)
    return `${shape.path} does not tell the number and size of heads`;
  if (graph.steps[call.step]?.stage !== "decode")
    return "latent attention of a prefill: whether keys are expanded nothing tells";
  const type = plainType(all);
  const stored = known.facts.kv_dtype?.value ?? type;
  if (stored !== type) return `the latent cache is in ${stored}, the queries are not`;
  if (latent.ropeDim !== POSITION_DIMS)
    return `latent attention with ${latent.ropeDim} dims of positions has no work model`;
  return madeCall(all, call, rows, {
    op: "sgl_kernel::cutlass_mla_decode",
    inputs: [tensor(type, [rows, heads / split.attention, latent.cacheRank + latent.ropeDim])],
    from: [`${heads} heads over latents of ${latent.cacheRank} + ${latent.ropeDim}`],
  });
}

/** The write of latents to the cache. */
export function latentWrite(all: Known, call: RoleCall, rows: number): AssumedCall | string {
  const { latent, path } = all.shape;
  if (latent === null) return `${path} does not tell the number and size of heads`;
  const type = plainType(all);
  const stored = String(all.known.facts.kv_dtype?.value ?? type);
  return madeCall(all, call, rows, {
    op: "_C_cache_ops::concat_and_cache_mla",
    inputs: [
      tensor(type, [rows, latent.cacheRank]),
      tensor(type, [rows, latent.ropeDim]),
      tensor(stored, [1]),
    ],
    from: [`latents of ${latent.cacheRank} + ${latent.ropeDim}`, `a cache in ${stored}`],
  });
}
