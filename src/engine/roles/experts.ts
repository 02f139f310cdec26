import { type Item, mark, type Pass } from "./forward-pass.ts";

/**
 * Roles inside a MoE block: the experts' GEMMs and activation in their order, a shared expert's
 * where it runs on the same stream, and the router, if one dense GEMM is left before the choice.
 *
 * @param isWhole whether a layer norm stands before the block, so that no projection is in it.
 */
export function markExperts(pass: Pass, { at: places }: Item, isWhole: boolean): void {
  const kindAt = (at: number) => pass.parts[at]!.kind;
  const experts = places.filter((at) => kindAt(at) === "expert");
  const acts = places.filter((at) => kindAt(at) === "act");
  markExpertGemms(pass, experts, acts);
  if (!isWhole) return;
  const products = places.filter((at) => kindAt(at) === "gemm" || kindAt(at) === "expert");
  const dense = new Set(products.filter((at) => kindAt(at) === "gemm"));
  const shared = experts.length === 0 ? [] : sharedActs(acts, products, dense);
  // One shared expert; several in a row are experts run one by one.
  if (shared.length === 1) {
    const { up, act, down } = shared[0]!;
    mark(pass, up, "sharedUp");
    mark(pass, act, "sharedAct");
    mark(pass, down, "sharedDown");
    dense.delete(up);
    dense.delete(down);
  }
  const chosen = places.find((at) => kindAt(at) === "route" || kindAt(at) === "expert");
  const [left, ...others] = dense;
  if (left !== undefined && others.length === 0 && chosen !== undefined && left < chosen)
    mark(pass, left, "router");
}

function markExpertGemms(pass: Pass, experts: readonly number[], acts: readonly number[]): void {
  const first = experts[0];
  const last = experts.at(-1);
  if (first === undefined || last === undefined || first === last) return;
  const inside = acts.filter((act) => act > first && act < last);
  if (experts.length === 2) {
    mark(pass, first, inside.length > 0 ? "expertUp" : "expertFirst");
    mark(pass, last, "expertDown");
    if (inside.length === 1) mark(pass, inside[0]!, "expertAct");
    return;
  }
  // Gate, activation, up, product, down: SwiGLU around a grouped GEMM.
  if (experts.length === 3 && inside.length === 1 && inside[0]! < experts[1]!) {
    mark(pass, first, "expertUp");
    mark(pass, experts[1]!, "expertUp");
    mark(pass, last, "expertDown");
    mark(pass, inside[0]!, "expertAct");
    return;
  }
  // Chunk by chunk: up, activation, down, again and again.
  const isChunked =
    experts.length % 2 === 0 &&
    inside.length === experts.length / 2 &&
    inside.every((act, pair) => act > experts[2 * pair]! && act < experts[2 * pair + 1]!);
  if (!isChunked) return;
  for (const [pair, act] of inside.entries()) {
    mark(pass, experts[2 * pair]!, "expertUp");
    mark(pass, act, "expertAct");
    mark(pass, experts[2 * pair + 1]!, "expertDown");
  }
}

/** Activations whose neighbours among all products are dense. */
function sharedActs(
  acts: readonly number[],
  products: readonly number[],
  dense: ReadonlySet<number>,
): { readonly up: number; readonly act: number; readonly down: number }[] {
  return acts.flatMap((act) => {
    const up = products.findLast((at) => at < act);
    const down = products.find((at) => at > act);
    const isShared = up !== undefined && down !== undefined && dense.has(up) && dense.has(down);
    return isShared ? [{ up, act, down }] : [];
  });
}
