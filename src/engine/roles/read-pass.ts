import { markBetween, type Side } from "./between-cores.ts";
import { markExperts } from "./experts.ts";
import { type Item, itemsOf, mark, type Pass } from "./forward-pass.ts";

/** The ends of a pass as they look; whether they are what they look like, the whole stage tells. */
export interface PassEnd {
  readonly pass: Pass;
  /** Places of the last norm. */
  readonly norm: readonly number[];
  /** Place of the GEMM after it. */
  readonly head: number;
}

/**
 * Marks a pass's kernels with the roles that its order tells: block after block, each known by its
 * middle (attention, linear attention, activation, experts) and bounded by layer norms.
 *
 * @returns how it ends, where it looks like a final norm and a head.
 */
export function readPass(pass: Pass): PassEnd | null {
  markSoftmaxes(pass);
  let before: Side = START;
  let groups: Item[] = [];
  let firstNorm = -1;
  for (const item of itemsOf(pass)) {
    if (item.kind === "gemm" || item.kind === "norm") {
      if (item.kind === "norm" && firstNorm < 0) firstNorm = item.at[0]!;
      groups.push(item);
      continue;
    }
    const after: Side = { kind: item.kind, at: item.at, isOpened: false };
    const isOpened = markBetween(pass, before, groups, after);
    if (before === START && isOpened) markLookUp(pass, firstNorm);
    if (item.kind === "moe") markExperts(pass, item, groups.at(-1)?.kind === "norm");
    before = { ...after, isOpened };
    groups = [];
  }
  markBetween(pass, before, groups, END);
  return endOf(pass, before, groups);
}

const START: Side = { kind: "end", at: [], isOpened: false };
const END: Side = { kind: "end", at: [], isOpened: false };

/** A head follows an MLP or experts; after attention the same kernels may be an MLP cut short. */
function endOf(pass: Pass, before: Side, groups: readonly Item[]): PassEnd | null {
  if (before.kind !== "mlp" && before.kind !== "moe") return null;
  const [norm, head, ...more] = before.kind === "mlp" ? groups.slice(1) : groups;
  if (norm?.kind !== "norm" || head?.kind !== "gemm" || more.length > 0) return null;
  return head.at.length === 1 ? { pass, norm: norm.at, head: head.at[0]! } : null;
}

/** The embedding: the last look-up before the first norm, with nothing but small work between. */
function markLookUp(pass: Pass, norm: number): void {
  for (let at = norm - 1; at >= 0; at--) {
    const { kind, isLookUp } = pass.parts[at]!;
    if (isLookUp && kind === "copy") {
      mark(pass, at, "embed");
      return;
    }
    if (kind !== "elementwise" && kind !== "copy" && kind !== "other") return;
  }
}

/** Unfused attention: a softmax with a product on either side and only element-wise work between. */
function markSoftmaxes(pass: Pass): void {
  const { parts } = pass;
  for (const [at, { kind }] of parts.entries()) {
    if (kind !== "softmax") continue;
    const scores = neighbour(pass, at, -1);
    const context = neighbour(pass, at, 1);
    if (scores < 0 || context < 0) continue;
    mark(pass, scores, "scores");
    mark(pass, at, "softmax");
    mark(pass, context, "scores");
    for (const each of [scores, at, context])
      (parts as Pass["parts"][number][])[each] = { ...parts[each]!, kind: "attention" };
  }
}

/** The GEMM next to a place in a direction, past copies and element-wise work; -1 without one. */
function neighbour({ parts }: Pass, from: number, step: 1 | -1): number {
  for (let at = from + step; at >= 0 && at < parts.length; at += step) {
    const { kind } = parts[at]!;
    if (kind === "gemm") return at;
    if (kind !== "elementwise" && kind !== "copy" && kind !== "other") return -1;
  }
  return -1;
}
