import { compareText } from "../../base/compare-text.ts";
import type { LabelledStage } from "./labelled-stage.ts";

/** Process groups of one kind: which ranks are in one together. */
export interface GroupKind {
  /** "tp", "ep", …; several where they hold the same ranks; "group" where nothing names it. */
  readonly kind: string;
  /** Ranks of each, in order. */
  readonly groups: readonly (readonly number[])[];
}

/** By words of a group's description, first match: "EXPERT_MODEL_PARALLEL_GROUP" is no tensor group. */
const KINDS: readonly (readonly [kind: string, words: RegExp])[] = [
  ["ep", /(?:^|[^a-z])(?:moe_?)?d?ep(?:[^a-z]|$)|expert/],
  ["pp", /(?:^|[^a-z])pp(?:[^a-z]|$)|pipeline/],
  ["cp", /(?:^|[^a-z])d?cp(?:[^a-z]|$)|context|sequence|ulysses/],
  ["dp", /(?:^|[^a-z])(?:attn_?)?dp(?:[^a-z]|$)|data|fsdp|replicate|shard/],
  ["tp", /(?:^|[^a-z])(?:attn_?|moe_?)?tp(?:[^a-z]|$)|tensor|model_parallel/],
];

/**
 * The process groups that the ranks' `distributedInfo` and their collectives tell, by kind: by
 * description, else by size and distance of their members. Groups of all ranks are no view, and a
 * kind in which a rank is twice is none either.
 */
export function groupKinds(ranks: readonly LabelledStage[]): GroupKind[] {
  const numbers = ranks.flatMap(({ rank }) => rank ?? []);
  if (new Set(numbers).size < ranks.length) return [];
  const found = new Map<string, Map<string, readonly number[]>>();
  const add = (kind: string, members: readonly number[]): void => {
    const present = numbers.filter((rank) => members.includes(rank));
    if (present.length < 2 || present.length === numbers.length) return;
    const groups = found.get(kind) ?? new Map<string, readonly number[]>();
    groups.set(present.join(), present);
    found.set(kind, groups);
  };
  const seen = new Set<string>();
  for (const { groups, measure } of ranks) {
    for (const { desc, ranks: members } of groups) {
      const key = `${desc} ${members.join()}`;
      if (!seen.has(key)) add(kindOf(desc, members), members);
      seen.add(key);
    }
    for (const { group } of measure.collectives) {
      if (group === null || seen.has(group) || !/^\[\d+(?:, \d+)*\]$/.test(group)) continue;
      seen.add(group);
      const members = [...group.matchAll(/\d+/g)].map(Number);
      add(kindOf("", members), members);
    }
  }
  const kinds = [...found]
    .map(([kind, groups]) => ({ kind, groups: [...groups.values()].sort(byFirst) }))
    .filter(({ groups }) => new Set(groups.flat()).size === groups.flat().length)
    .filter(({ groups }) => groups.length > 1);
  return merged(kinds);
}

function kindOf(desc: string, members: readonly number[]): string {
  const words = desc.toLowerCase();
  const known = KINDS.find(([, pattern]) => pattern.test(words))?.[0];
  if (known !== undefined) return known;
  const [first = 0, second = 0] = members;
  return `group of ${members.length}${second - first > 1 ? `, every ${second - first}` : ""}`;
}

/** Kinds with the same groups are one view; one that a description names stands for unnamed ones. */
function merged(kinds: readonly GroupKind[]): GroupKind[] {
  const bySets = new Map<string, { kinds: string[]; groups: GroupKind["groups"] }>();
  for (const { kind, groups } of kinds) {
    const key = JSON.stringify(groups);
    const known = bySets.get(key);
    if (known === undefined) bySets.set(key, { kinds: [kind], groups });
    else known.kinds.push(kind);
  }
  return [...bySets.values()]
    .map(({ kinds: names, groups }) => {
      const named = names.filter((name) => !name.startsWith("group"));
      return { kind: (named.length > 0 ? named : names).sort(compareText).join(", "), groups };
    })
    .sort((a, b) => compareText(a.kind, b.kind));
}

function byFirst(a: readonly number[], b: readonly number[]): number {
  return a[0]! - b[0]!;
}
