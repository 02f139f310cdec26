import type { AssumedCall, Known } from "./assumed-call.ts";
import { type Given, madeCall, ownHeads, plainType } from "./made-call.ts";
import type { RoleCall } from "./role-calls.ts";
import { scalar, tensor } from "./tensors.ts";

/** Roles between the projections around attention that a layer may play more than once. */
const AROUND_ATTENTION = ["qk_norm", "attn_copy", "rope", "rope_kv_write"] as const;

type Around = (typeof AROUND_ATTENTION)[number];

export const isAroundAttention = (role: string): role is Around =>
  (AROUND_ATTENTION as readonly string[]).includes(role);

/**
 * What is done to queries and keys between their projection and attention: norms of heads, copies of
 * them, rotary embedding with or without the write to the cache.
 */
export function aroundAttention(
  all: Known,
  call: RoleCall & { readonly role: Around },
  rows: number,
): AssumedCall | string {
  const given =
    call.role === "rope"
      ? rotated(all, call, rows)
      : call.role === "rope_kv_write"
        ? rotatedAndWritten(all, rows)
        : headsOf(all, call, rows);
  return typeof given === "string" ? given : madeCall(all, call, rows, given);
}

const perLayerOf = ({ perLayer }: Known, { step, role }: RoleCall): number | null =>
  perLayer.get(`${step} ${role}`) ?? null;

/** Norms and copies of heads: of queries and keys together, or of one after the other. */
function headsOf(all: Known, call: RoleCall, rows: number): Given | string {
  const sizes = ownHeads(all);
  if (sizes === null)
    return `${all.shape.path}: which part of latent attention ${call.role} is of nothing tells`;
  const count = perLayerOf(all, call);
  const isCopy = call.role === "attn_copy";
  if (count !== 2 && (count !== 1 || isCopy))
    return `${count ?? "a changing number of"} ${call.role} in a layer: of queries or of keys nothing tells`;
  const { own, kv, dim, words } = sizes;
  const heads = count === 1 ? own + kv : call.nth % 2 === 0 ? own : kv;
  const from = [words, ...(count === 1 ? [] : ["one by one: queries, then keys"])];
  const type = plainType(all);
  if (isCopy) {
    const whole = tensor(type, [rows, heads * dim]);
    return { op: "aten::copy_", inputs: [whole, whole, scalar(0)], from };
  }
  const each = tensor(type, [rows * heads, dim]);
  return { op: "_C::rms_norm", inputs: [each, each, tensor(type, [dim])], from };
}

/** Dims of queries and keys that are turned, and of what goes to the cache as it is. */
function turned(all: Known) {
  const { shape, split } = all;
  const sizes = ownHeads(all);
  if (sizes !== null) {
    const dim = shape.rotaryDim ?? sizes.dim;
    const part = dim === sizes.dim ? [] : [`${dim} dims of a head turn`];
    return {
      queries: [sizes.own, dim],
      keys: [sizes.kv, dim],
      still: sizes.kv * (2 * sizes.dim - dim),
      from: [sizes.words, ...part],
    };
  }
  const { latent, heads } = shape;
  if (latent === null || heads === null) return null;
  return {
    queries: [heads / split.attention, latent.ropeDim],
    keys: [1, latent.ropeDim],
    still: latent.cacheRank,
    from: [`${heads} heads, ${latent.ropeDim} dims of each turn, latent rank ${latent.cacheRank}`],
  };
}

function rotated(all: Known, call: RoleCall, rows: number): Given | string {
  const part = turned(all);
  if (part === null) return `${all.shape.path} does not tell the number and size of heads`;
  if (perLayerOf(all, call) !== 1) return "several rope in a layer: of what nothing tells";
  const type = plainType(all);
  const { queries, keys, from } = part;
  return {
    op: "model_config::rope",
    inputs: [tensor(type, [rows, ...queries]), tensor(type, [rows, ...keys])],
    from,
  };
}

function rotatedAndWritten(all: Known, rows: number): Given | string {
  const part = turned(all);
  if (part === null) return `${all.shape.path} does not tell the number and size of heads`;
  const type = plainType(all);
  const stored = String(all.known.facts.kv_dtype?.value ?? type);
  const { queries, keys, still, from } = part;
  return {
    op: "model_config::rope_and_cache",
    inputs: [
      tensor(type, [rows, ...queries]),
      tensor(type, [rows, ...keys]),
      tensor(type, [rows, still]),
      tensor(stored, [1]),
    ],
    from: [...from, `a cache in ${stored}`],
  };
}
