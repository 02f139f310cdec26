import type { ModelShape } from "../../model/model-shape.ts";
import type { Split } from "./split.ts";

/** A weight as one rank holds it: rows of `k` values become rows of `n`. */
export interface Projection {
  readonly k: number;
  readonly n: number;
  /** The sizes it was worked out from, in words. */
  readonly from: string;
  /** Module of the checkpoint whose weight it is, as lists of exceptions name it. */
  readonly module: string;
}

/** How often a layer of the kind the role belongs to runs it, and where the kind's number comes from. */
export type LayerKind = "attention" | "linear" | "dense" | "expert" | "once";

/** Roles that are a dense product of the checkpoint's weights. */
export const DENSE_ROLES: Readonly<Record<string, LayerKind>> = {
  qkv_proj: "attention",
  o_proj: "attention",
  qkv_a_proj: "attention",
  qkv_b_proj: "attention",
  linear_out_proj: "linear",
  gate_up: "dense",
  down: "dense",
  router: "expert",
  shared_gate_up: "expert",
  shared_down: "expert",
  lm_head: "once",
};

interface Asked {
  readonly role: string;
  /** Products of this role in a layer, and which of them this is. */
  readonly perLayer: number;
  readonly index: number;
  /** Whether the MLP has a gate, as the trace or the configuration tells; null where neither does. */
  readonly isGated: boolean | null;
}

/**
 * The weight of a dense product by its role. A sentence instead where a size is missing or the
 * products of a layer have no one reading.
 */
export function projectionOf(shape: ModelShape, split: Split, asked: Asked): Projection | string {
  const { role, perLayer } = asked;
  const { hidden } = shape;
  if (hidden === null) return missing(shape, "hidden size");
  switch (role) {
    case "qkv_proj":
      return queries(shape, split, asked, hidden);
    case "o_proj":
      return perLayer === 1 ? output(shape, split, hidden) : several(role, perLayer);
    case "qkv_a_proj":
    case "qkv_b_proj":
      return latent(shape, split, asked, hidden);
    case "linear_out_proj": {
      const width = shape.linear?.valueDim ?? null;
      if (perLayer !== 1) return several(role, perLayer);
      if (width === null) return missing(shape, "size of linear attention's values");
      return projection(width / split.attention, hidden, `values ${width}`, "linear_attn.out_proj");
    }
    case "gate_up":
      return up(shape.inner, { ...asked, shape, hidden, ranks: split.mlp }, "mlp.gate_up_proj");
    case "down":
      if (perLayer !== 1) return several(role, perLayer);
      if (shape.inner === null) return missing(shape, "width of the MLP");
      return projection(shape.inner / split.mlp, hidden, `MLP ${shape.inner}`, "mlp.down_proj");
    case "router": {
      if (perLayer !== 1) return several(role, perLayer);
      if (shape.experts === null) return missing(shape, "number of experts");
      return projection(hidden, shape.experts.count, `${shape.experts.count} experts`, "mlp.gate");
    }
    case "shared_gate_up":
    case "shared_down": {
      const width = shape.experts?.sharedInner ?? null;
      if (width === null) return missing(shape, "width of the shared expert");
      if (role === "shared_gate_up")
        return up(
          width,
          { ...asked, shape, hidden, ranks: split.mlp },
          "mlp.shared_expert.gate_up_proj",
        );
      if (perLayer !== 1) return several(role, perLayer);
      return projection(
        width / split.mlp,
        hidden,
        `shared expert ${width}`,
        "mlp.shared_expert.down_proj",
      );
    }
    case "lm_head": {
      if (shape.vocabulary === null) return missing(shape, "size of the vocabulary");
      const padded = Math.ceil(shape.vocabulary / VOCABULARY_STEP) * VOCABULARY_STEP;
      const words = padded === shape.vocabulary ? "" : `, filled up to ${padded}`;
      return projection(
        hidden,
        padded / split.mlp,
        `vocabulary ${shape.vocabulary}${words}`,
        "lm_head",
      );
    }
    default:
      return `${role} is no dense product`;
  }
}

/** Both SGLang and vLLM fill the vocabulary up to whole multiples before they split it. */
const VOCABULARY_STEP = 64;

const missing = ({ path }: ModelShape, what: string): string => `${path} does not tell the ${what}`;
const several = (role: string, perLayer: number): string =>
  `${perLayer} products of a layer play ${role}: which is which their order does not tell`;

function projection(k: number, n: number, from: string, module: string): Projection | string {
  if (Number.isInteger(k) && Number.isInteger(n)) return { k, n, from, module };
  return `${from} does not divide among the ranks`;
}

function queries(
  shape: ModelShape,
  split: Split,
  { role, perLayer, index }: Asked,
  hidden: number,
): Projection | string {
  const { heads, kvHeads, headDim, hasOutputGate } = shape;
  if (heads === null || kvHeads === null || headDim === null)
    return missing(shape, "number and size of heads");
  const own = heads / split.attention;
  // Where there are fewer than ranks, each rank holds a copy of one.
  const ownKv = Math.max(1, kvHeads / split.attention);
  const gate = hasOutputGate ? " with a gate" : "";
  const from = `${heads} heads${gate} and ${kvHeads} of keys and values of ${headDim}`;
  const queryWidth = own * headDim * (hasOutputGate ? 2 : 1);
  if (perLayer === 1)
    return projection(hidden, queryWidth + 2 * ownKv * headDim, from, "self_attn.qkv_proj");
  if (perLayer !== 3) return several(role, perLayer);
  return projection(
    hidden,
    index === 0 ? queryWidth : ownKv * headDim,
    `${from}, projected one by one: queries, keys, values`,
    "self_attn.qkv_proj",
  );
}

function output(shape: ModelShape, { attention }: Split, hidden: number): Projection | string {
  const { heads, headDim, latent: own } = shape;
  const dim = own?.valueDim ?? headDim;
  if (heads === null || dim === null) return missing(shape, "number and size of heads");
  return projection(
    (heads / attention) * dim,
    hidden,
    `${heads} heads of ${dim}`,
    "self_attn.o_proj",
  );
}

function latent(
  shape: ModelShape,
  { attention }: Split,
  { role, perLayer, index }: Asked,
  hidden: number,
): Projection | string {
  const { heads, latent: own } = shape;
  if (own === null || heads === null) return missing(shape, "ranks of latent attention");
  const { queryRank, cacheRank, plainDim, ropeDim, valueDim } = own;
  if (perLayer > 2 || queryRank === null) return several(role, perLayer);
  const inOrder = perLayer === 2 ? `, one by one: queries, then the cache's latent` : "";
  if (role === "qkv_a_proj") {
    const from = `latent ranks ${queryRank} and ${cacheRank} + ${ropeDim}${inOrder}`;
    const width = [queryRank, cacheRank + ropeDim];
    const n = perLayer === 1 ? width[0]! + width[1]! : width[index]!;
    return projection(hidden, n, from, "self_attn.fused_qkv_a_proj_with_mqa");
  }
  const ownHeads = heads / attention;
  const from = `latent ranks ${queryRank} and ${cacheRank}, ${heads} heads of ${plainDim} + ${ropeDim} and ${valueDim}${inOrder}`;
  return index === 0
    ? projection(queryRank, ownHeads * (plainDim + ropeDim), from, "self_attn.q_b_proj")
    : projection(cacheRank, ownHeads * (plainDim + valueDim), from, "self_attn.kv_b_proj");
}

function up(
  width: number | null,
  {
    shape,
    hidden,
    ranks,
    role,
    perLayer,
    isGated,
  }: Asked & { readonly shape: ModelShape; readonly hidden: number; readonly ranks: number },
  module: string,
): Projection | string {
  if (width === null) return missing(shape, "width of the MLP");
  const own = width / ranks;
  if (perLayer === 2)
    return projection(hidden, own, `MLP ${width}, gate and up one by one`, module);
  if (perLayer !== 1) return several(role, perLayer);
  if (isGated === null)
    return `neither the activation's kernel nor ${shape.path} tells whether the MLP has a gate`;
  return isGated
    ? projection(hidden, 2 * own, `MLP ${width} with a gate`, module)
    : projection(hidden, own, `MLP ${width} without a gate`, module);
}
