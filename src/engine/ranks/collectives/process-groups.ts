import type { LabelledStage } from "../labelled-stage.ts";
import type { CollectiveSequence } from "../rank-measure.ts";
import { membersText } from "./collective-told.ts";

/** The group that a collective without arguments runs in, or why that is not known. */
type FoundGroup =
  | { readonly group: string; readonly isProven: boolean }
  | { readonly group: null; readonly why: string };

/** Groups in which kernels run that are no NCCL collective, by their descriptions. */
const DESCRIPTIONS: readonly (readonly [kernels: RegExp, groups: RegExp])[] = [
  [/all_?2_?all|all_?to_?all|a2a|dispatch|combine/i, /\b(?:_?ep|moe|expert)/i],
  [/all_?reduce|cross_device_reduce/i, /\b_?(?:tp|tensor|model)/i],
];

/**
 * Finds the group of collectives that carry none: the only one that `pg_config` or other
 * collectives of the run tell for a rank, or the only one described for that kind of kernel. Where
 * nobody tells a group, all ranks of the job may be one, to be proven by ends that coincide.
 */
export function groupFinder(
  ranks: readonly LabelledStage[],
): (rank: number, sequence: CollectiveSequence) => FoundGroup {
  const told = ranks.map(({ rank, groups, measure }) => {
    const sets = new Map<string, string[]>();
    const add = (members: string, desc: string): void => {
      const known = sets.get(members);
      if (known === undefined) sets.set(members, [desc]);
      else known.push(desc);
    };
    for (const { desc, ranks: members } of groups) add(membersText(members.join(",")), desc);
    for (const { group } of measure.collectives)
      if (group !== null && isMembers(group) && membersOf(group).includes(rank ?? -1))
        add(group, "");
    return sets;
  });
  const everyone = ranks.every(({ rank }) => rank !== null)
    ? membersText(ranks.map(({ rank }) => rank).join(","))
    : null;
  const nobodyTells = told.every((sets) => sets.size === 0);
  return (rank, sequence) => {
    const sets = told[rank]!;
    if (sets.size === 1) return { group: [...sets.keys()][0]!, isProven: true };
    if (sets.size === 0) {
      if (nobodyTells) return { group: everyone ?? "all ranks here", isProven: false };
      return { group: null, why: "no process group is told for it" };
    }
    const text = `${sequence.kernel} ${sequence.collective ?? ""}`;
    const words = DESCRIPTIONS.find(([kernels]) => kernels.test(text))?.[1];
    const fitting = [...sets].filter(([, descs]) => descs.some((desc) => words?.test(desc)));
    if (fitting.length === 1) return { group: fitting[0]![0], isProven: true };
    return { group: null, why: `it may run in ${sets.size} process groups` };
  };
}

/** True for a group told by its members. */
function isMembers(group: string): boolean {
  return /^\[\d/.test(group);
}

/** Ranks of a group told by its members; those that a shortened list leaves out are missing. */
function membersOf(group: string): readonly number[] {
  return [...group.matchAll(/\d+/g)].map(Number);
}
