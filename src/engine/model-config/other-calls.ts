import { expertsMet } from "../limits/quantities.ts";
import { aroundAttention, isAroundAttention } from "./around-attention.ts";
import type { AssumedCall, Known } from "./assumed-call.ts";
import { latentAttention, latentWrite } from "./latent-attention.ts";
import { madeCall, ownHeads, plainType } from "./made-call.ts";
import { typesOf } from "./product-call.ts";
import type { RoleCall } from "./role-calls.ts";
import { embedding, routing } from "./routing-calls.ts";
import { scalar, tensor } from "./tensors.ts";

/** Experts, cache, attention, norms and activations; null for roles of which the sizes tell nothing. */
export function otherCall(
  all: Known,
  call: RoleCall,
  rows: number | string,
): AssumedCall | string | null {
  const { role } = call;
  if (isAroundAttention(role))
    return typeof rows === "string" ? rows : aroundAttention(all, { ...call, role }, rows);
  switch (role) {
    case "moe_up":
    case "moe_down":
      return experts(all, call, rows);
    case "attention":
      return attention(all, call, rows);
    case "mla_absorb":
      return absorbed(all, call, rows);
    case "kv_write":
      return cacheWrite(all, call, rows);
    case "act":
      return activation(all, call, rows);
    case "layer_norm":
    case "final_norm":
      return norm(all, call, rows);
    case "topk":
    case "moe_align":
      return typeof rows === "string" ? rows : routing(all, call, rows);
    case "embed":
      return typeof rows === "string" ? rows : embedding(all, call, rows);
    default:
      return null;
  }
}

function experts(all: Known, call: RoleCall, rows: number | string): AssumedCall | string {
  const { shape, split } = all;
  if (typeof rows === "string") return rows;
  if (split.elsewhere !== null) return split.elsewhere;
  const { experts: own, hidden } = shape;
  if (own === null || hidden === null) return `${shape.path} does not tell the sizes of experts`;
  const types = typesOf(all, "mlp.experts");
  if (typeof types === "string") return types;
  const width = own.inner / (split.mlp / split.experts);
  const held = own.count / split.experts;
  if (!Number.isInteger(width) || !Number.isInteger(held))
    return `${own.count} experts of ${own.inner} do not divide among the ranks`;
  const isUp = call.role === "moe_up";
  const rowsIn = isUp ? [rows, hidden] : [rows, own.chosen, width];
  const weight = isUp ? [held, 2 * width, hidden] : [held, hidden, width];
  const met = (count: number, why: string): AssumedCall => {
    const given = madeCall(all, call, rows, {
      op: isUp ? "model_config::experts_up" : "model_config::experts_down",
      inputs: [
        tensor(types.activation, rowsIn),
        tensor(types.weight, weight),
        scalar(own.count),
        scalar(own.chosen),
        scalar(count),
      ],
      from: [`${own.chosen} of ${own.count} experts of ${own.inner}`, ...types.words],
    });
    return { ...given, assuming: [...given.assuming, why] };
  };
  const evenly = expertsMet(own.count, rows, own.chosen)!;
  return {
    ...met(evenly, "tokens choose their experts evenly"),
    least: met(
      own.chosen,
      `only the ${own.chosen} experts that one token chooses are counted: evenly chosen ones, about ${Math.round(evenly)}, would have taken longer to read than the kernels ran`,
    ),
  };
}

function attention(all: Known, call: RoleCall, rows: number | string): AssumedCall | string {
  if (all.shape.hasWindow)
    return `${all.shape.path}: some layers attend to a window, and how much of it is filled the annotation does not tell`;
  if (typeof rows === "string") return rows;
  const sizes = ownHeads(all);
  if (sizes === null) return latentAttention(all, call, rows);
  const { own, kv, dim } = sizes;
  const type = plainType(all);
  return madeCall(all, call, rows, {
    op: "vllm::unified_attention_with_output",
    inputs: [
      tensor(type, [rows, own, dim]),
      tensor(type, [rows, kv, dim]),
      tensor(type, [rows, kv, dim]),
      tensor(type, [rows, own, dim]),
    ],
    from: [sizes.words],
  });
}

/** Queries into the latent, or the latent into values: alike where their heads are of one size. */
function absorbed(all: Known, call: RoleCall, rows: number | string): AssumedCall | string {
  const { shape, split } = all;
  if (typeof rows === "string") return rows;
  const { latent, heads: count } = shape;
  if (latent === null || count === null) return `${shape.path} does not tell latent ranks`;
  const { plainDim, valueDim, cacheRank } = latent;
  if (plainDim !== valueDim) return "which of the absorbed products it is nothing tells";
  const own = count / split.attention;
  const type = plainType(all);
  return madeCall(all, call, rows, {
    op: "aten::bmm",
    inputs: [tensor(type, [own, rows, plainDim]), tensor(type, [own, plainDim, cacheRank])],
    from: [`${count} heads of ${plainDim}, latent rank ${cacheRank}`],
  });
}

function cacheWrite(all: Known, call: RoleCall, rows: number | string): AssumedCall | string {
  const sizes = ownHeads(all);
  if (typeof rows === "string") return rows;
  if (sizes === null) return latentWrite(all, call, rows);
  const own = tensor(plainType(all), [rows, sizes.kv * sizes.dim]);
  const told = all.known.facts.kv_dtype?.value;
  const stored = told === undefined ? plainType(all) : String(told);
  return madeCall(all, call, rows, {
    op: "sglang::store_cache",
    inputs: [own, own, tensor(stored, [rows, sizes.kv * sizes.dim])],
    from: [sizes.words, `a cache in ${stored}`],
  });
}

function activation(
  all: Known,
  call: RoleCall,
  rows: number | string,
): AssumedCall | string | null {
  const { shape, split, isGated } = all;
  if (typeof rows === "string") return rows;
  if (split.elsewhere !== null) return split.elsewhere;
  if (shape.inner === null || isGated !== true) return null;
  const width = shape.inner / split.mlp;
  const type = plainType(all);
  return madeCall(all, call, rows, {
    op: "_C::silu_and_mul",
    inputs: [tensor(type, [rows, width]), tensor(type, [rows, 2 * width])],
    from: [`MLP ${shape.inner} with a gate`],
  });
}

function norm(all: Known, call: RoleCall, rows: number | string): AssumedCall | string {
  const { shape } = all;
  if (typeof rows === "string") return rows;
  if (shape.hidden === null) return `${shape.path} does not tell the hidden size`;
  const type = plainType(all);
  const row = tensor(type, [rows, shape.hidden]);
  return madeCall(all, call, rows, {
    op: "_C::rms_norm",
    inputs: [row, row, tensor(type, [shape.hidden])],
    from: ["a residual it may add not counted"],
  });
}
