import { type CoreKind, type Item, mark, type Pass } from "./forward-pass.ts";
import type { GroundName } from "./grounds.ts";

/** A block's middle on one side of a stretch of norms and GEMMs. */
export interface Side {
  readonly kind: CoreKind | "end";
  readonly at: readonly number[];
  /** Whether the block's own first GEMM was told: an activation alone makes no MLP. */
  readonly isOpened: boolean;
}

/**
 * Roles of the norms and GEMMs between two blocks: first the block before is closed by its last
 * projection, then a layer norm, then what the block after begins with. What does not have this
 * form (a projection more, a norm that is not told, timestamps that swapped neighbours) is left
 * alone, from there on.
 *
 * @returns whether the block after was opened by projections that were told.
 */
export function markBetween(
  pass: Pass,
  before: Side,
  groups: readonly Item[],
  after: Side,
): boolean {
  const rest = closeBlock(pass, before, groups);
  if (rest === null) return false;
  const [norm, ...projections] = rest;
  if (norm?.kind !== "norm") return false;
  const isOpened = openBlock(pass, projections, before, after);
  if (isOpened)
    markAll(
      pass,
      norm.at.filter((at) => !pass.parts[at]!.isMixing),
      "layerNorm",
    );
  if (isOpened) markResidual(pass, before, norm);
  return isOpened || after.kind === "moe";
}

function markAll(pass: Pass, places: readonly number[], ground: GroundName): void {
  for (const at of places) mark(pass, at, ground);
}

/** @returns what follows the block's last projection, null where that was not told. */
function closeBlock(pass: Pass, before: Side, groups: readonly Item[]): readonly Item[] | null {
  const [first, second, third] = groups;
  if (first === undefined) return null;
  if (before.kind === "moe" || before.kind === "end") return groups;
  if (before.kind === "linear" && first.kind === "norm") {
    if (second?.kind !== "gemm" || second.at.length !== 1 || third?.kind !== "norm") return null;
    markAll(pass, first.at, "linearNorm");
    mark(pass, second.at[0]!, "linearOut");
    return groups.slice(2);
  }
  if (first.kind !== "gemm" || second?.kind !== "norm") return null;
  const closed = closeWith(pass, before, first.at);
  return closed ? groups.slice(1) : null;
}

function closeWith(pass: Pass, before: Side, gemms: readonly number[]): boolean {
  const [one, two] = gemms;
  if (before.kind === "linear") return gemms.length === 1 && marked(pass, one!, "linearOut");
  if (before.kind === "mlp") {
    if (!before.isOpened) return false;
    if (gemms.length === 1) return marked(pass, one!, "down");
    const isJoined =
      gemms.length === 2 && between(one!, two!).some((at) => pass.parts[at]!.isProduct);
    if (!isJoined) return false;
    mark(pass, one!, "gateUpTwo");
    return marked(pass, two!, "down");
  }
  if (gemms.length === 2 && isLatent(pass, before.at)) mark(pass, one!, "latentAbsorb");
  else if (gemms.length !== 1) return false;
  const last = gemms.at(-1)!;
  markCopies(pass, before.at.at(-1)!, last);
  return marked(pass, last, "outProjection");
}

function marked(pass: Pass, at: number, ground: GroundName): true {
  mark(pass, at, ground);
  return true;
}

function openBlock(pass: Pass, projections: readonly Item[], before: Side, after: Side): boolean {
  const [first, second] = projections;
  switch (after.kind) {
    case "moe":
      return projections.length === 0;
    case "mlp": {
      if (first === undefined || projections.length !== 1 || first.at.length > 2) return false;
      markAll(pass, first.at, first.at.length === 1 ? "gateUp" : "gateUpTwo");
      return true;
    }
    case "linear": {
      if (first === undefined || projections.length !== 1 || first.at.length > 2) return false;
      markAll(pass, first.at, "linearIn");
      return true;
    }
    case "attention": {
      const isBare =
        first?.at.length === 2 && second?.kind === "norm" && projections[2]?.kind === "gemm";
      if (isBare && !isLatent(pass, after.at)) {
        if (!openAttention(pass, projections.slice(2), after)) return false;
        mark(pass, first.at[0]!, "gateUpBare");
        mark(pass, first.at[1]!, "downBare");
        markAll(pass, second.at, "layerNorm");
        return true;
      }
      // A pass that begins inside latent attention looks like one that begins with other attention.
      if (before.kind === "end" && isLatent(pass, after.at) && projections.length < 3) return false;
      return openAttention(pass, projections, after);
    }
    case "end":
      return false;
  }
}

function openAttention(pass: Pass, projections: readonly Item[], after: Side): boolean {
  const [first, second, third, ...others] = projections;
  const from = first?.at[0];
  if (first === undefined || from === undefined || others.length > 1) return false;
  const isMla =
    isLatent(pass, between(from, after.at[0]!)) ||
    isLatent(pass, after.at) ||
    hasTwoLatents(pass, projections);
  if (third === undefined) {
    if (isMla || first.at.length === 2 || first.at.length > 3) return false;
    markAll(pass, first.at, first.at.length === 1 ? "qkv" : "qkvThree");
    if (second !== undefined) markAll(pass, second.at, "qkNorm");
    markCopies(pass, first.at.at(-1)!, after.at[0]!);
    return true;
  }
  if (!isMla || second === undefined || first.at.length > 2 || third.at.length > 2) return false;
  markAll(pass, first.at, "latentDown");
  markAll(pass, second.at, "latentNorm");
  mark(pass, third.at[0]!, "latentUp");
  if (third.at.length === 2)
    mark(pass, third.at[1]!, isLatent(pass, after.at) ? "latentAbsorb" : "latentUp");
  return true;
}

/** One projection, two norms without a residual, two projections: queries and the cache's latent. */
function hasTwoLatents(pass: Pass, [down, norms, up]: readonly Item[]): boolean {
  return (
    down?.at.length === 1 &&
    norms?.at.length === 2 &&
    up?.at.length === 2 &&
    norms.at.every((at) => pass.parts[at]!.isPlainNorm)
  );
}

function markCopies(pass: Pass, from: number, to: number): void {
  for (const at of between(from, to))
    if (pass.parts[at]!.isLayoutCopy) mark(pass, at, "attentionCopy");
}

function markResidual(pass: Pass, before: Side, norm: Item): void {
  if (before.kind === "moe" || before.kind === "end") return;
  for (const at of between(before.at.at(-1)!, norm.at[0]!).reverse()) {
    const { kind, isSum } = pass.parts[at]!;
    if (kind === "gemm") return;
    if (kind === "elementwise" && isSum) mark(pass, at, "residual");
  }
}

function isLatent(pass: Pass, places: readonly number[]): boolean {
  return places.some((at) => pass.parts[at]!.isLatent);
}

/** Places strictly between two. */
function between(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from - 1) }, (__, step) => from + 1 + step);
}
