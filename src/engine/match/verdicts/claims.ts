import type { Occurrence } from "../../../model/finding.ts";
import { RowSet } from "./row-set.ts";
import type { RuleOrder } from "./rule-order.ts";

/** One rule's occurrences before claims. */
interface Claimant {
  readonly rule: string;
  readonly occurrences: readonly Occurrence[];
  readonly conflicts: readonly string[];
  /** False for findings the tables hide: what nobody sees may not swallow what they could. */
  readonly reportable: boolean;
}

interface Settled {
  /** Occurrences that stay with the rule; all of them when it is folded wholly. */
  readonly occurrences: readonly Occurrence[];
  readonly foldedUnder: string | null;
  /** Rules with occurrences folded under this one, or declared rivals on the same kernels; sorted. */
  readonly alsoMatched: readonly string[];
}

/**
 * Gives each kernel to the uppermost rule of the `subsumes` order that wants it. An occurrence
 * that shares a kernel with a rule above is folded under that rule, with all its kernels, so that
 * smaller findings on them fold along. Rules without an order between them do not compete.
 */
export function settleClaims(
  claimants: readonly Claimant[],
  order: RuleOrder,
): ReadonlyMap<string, Settled> {
  const byId = new Map(claimants.map((claimant) => [claimant.rule, claimant]));
  // Most rules compete with nobody: only the ground of those that do is worth remembering.
  const contested = new Set(claimants.flatMap((it) => [...order.above(it.rule), ...it.conflicts]));
  for (const { rule, conflicts } of claimants) if (conflicts.length > 0) contested.add(rule);
  const ground = new Map<string, RowSet>();
  const also = new Map<string, Set<string>>(claimants.map(({ rule }) => [rule, new Set()]));
  const settled = new Map<string, Settled>();
  for (const id of order.ids) {
    const claimant = byId.get(id);
    if (claimant === undefined) continue;
    const above = order.above(id).filter((upper) => ground.has(upper));
    const { kept, folders } = fold(claimant.occurrences, above, ground);
    for (const upper of folders) also.get(upper)!.add(id);
    const isFolded = kept.length === 0 && folders.size > 0;
    const foldedUnder = isFolded ? above.find((upper) => folders.has(upper))! : null;
    if (!isFolded && claimant.reportable && contested.has(id) && kept.length > 0)
      ground.set(id, groundOf(kept));
    const occurrences = isFolded ? claimant.occurrences : kept;
    settled.set(id, { occurrences, foldedUnder, alsoMatched: [] });
  }
  nameRivals(claimants, ground, also);
  return new Map(
    [...settled].map(([id, it]) => [id, { ...it, alsoMatched: [...also.get(id)!].sort() }]),
  );
}

function groundOf(occurrences: readonly Occurrence[]): RowSet {
  const ground = new RowSet();
  for (const { rows } of occurrences) ground.addAll(rows);
  return ground;
}

/** Parts the occurrences on others' ground from the rest, and lends that ground their kernels. */
function fold(
  occurrences: readonly Occurrence[],
  above: readonly string[],
  ground: ReadonlyMap<string, RowSet>,
): { readonly kept: readonly Occurrence[]; readonly folders: ReadonlySet<string> } {
  const folders = new Set<string>();
  if (above.length === 0) return { kept: occurrences, folders };
  const kept: Occurrence[] = [];
  for (const occurrence of occurrences) {
    const upper = above.find((candidate) => ground.get(candidate)!.hasAny(occurrence.rows));
    if (upper === undefined) {
      kept.push(occurrence);
      continue;
    }
    folders.add(upper);
    ground.get(upper)!.addAll(occurrence.rows);
  }
  return { kept: folders.size === 0 ? occurrences : kept, folders };
}

/** Declared conflicts keep both rows; each names the other where they meet on a kernel. */
function nameRivals(
  claimants: readonly Claimant[],
  ground: ReadonlyMap<string, RowSet>,
  also: ReadonlyMap<string, Set<string>>,
): void {
  for (const { rule, conflicts } of claimants) {
    const mine = ground.get(rule);
    if (mine === undefined) continue;
    for (const rival of conflicts) {
      const theirs = ground.get(rival);
      if (theirs === undefined || !mine.meets(theirs)) continue;
      also.get(rule)!.add(rival);
      also.get(rival)!.add(rule);
    }
  }
}
