import type { WorkInput } from "../../model/work.ts";
import type { AssumedCall, Known } from "./assumed-call.ts";
import { assumptions } from "./product-call.ts";
import type { RoleCall } from "./role-calls.ts";

/** An op with its arguments, and the sizes they come from in words. */
export interface Given {
  readonly op: string;
  readonly inputs: readonly WorkInput[];
  readonly from: readonly string[];
}

/** The call that plays the role, with all that it rests on. */
export function madeCall(
  all: Known,
  call: RoleCall,
  rows: number,
  { op, inputs, from }: Given,
): AssumedCall {
  return {
    op,
    inputs,
    assuming: assumptions(all, call, rows, from),
    key: `${call.step}:${call.role}:${call.nth}`,
  };
}

/** Element type of what no method quantises. */
export const plainType = ({ shape }: Known): string => shape.type ?? "bf16";

/** Heads of a rank where attention is not latent; null where it is, or a size is missing. */
export function ownHeads({ shape, split }: Known) {
  const { heads: all, kvHeads, headDim, latent } = shape;
  if (all === null || kvHeads === null || headDim === null || latent !== null) return null;
  return {
    own: all / split.attention,
    kv: Math.max(1, kvHeads / split.attention),
    dim: headDim,
    words: `${all} heads and ${kvHeads} of keys and values of ${headDim}`,
  };
}
