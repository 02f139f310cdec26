import { compareText } from "../../../base/compare-text.ts";
import { append } from "../../../base/extremes.ts";
import { groupBy } from "../../../base/group-by.ts";
import type { CollectiveRank, LeftOut, RanksCollective } from "../../../model/contracts/ranks.ts";
import { percent, toUs } from "../../../model/trace/units.ts";
import { ranksOfOrdered, spreadOf } from "../../spread.ts";
import type { LabelledStage } from "../labelled-stage.ts";
import type { CollectiveSequence } from "../rank-measure.ts";
import type { RankSums } from "../rank-sums.ts";
import { alignSequences } from "./align-sequences.ts";
import { groupFinder } from "./process-groups.ts";

/** Launch by launch of one matched collective: what later judgement needs of it. */
export interface MatchedCollective {
  readonly row: RanksCollective;
  /** Indexes of its ranks. */
  readonly members: readonly number[];
  /** By launch: index of the rank that came last, -1 where several did. */
  readonly last: Int32Array;
  /** By launch: the shortest duration, ns. */
  readonly moving: Float64Array;
  /** By launch: its step on the first member, -1 for none. */
  readonly step: Int32Array;
  /** By member, by launch: its step on that rank. */
  readonly steps: readonly Int32Array[];
  /** By launch: what all members waited together, ns. */
  readonly waiting: Float64Array;
  /** They end everywhere at once, but for a constant distance of the clocks. */
  readonly isTogether: boolean;
  /** By member, by launch: time of expert kernels since the communication before it, ns. */
  readonly experts: readonly Float64Array[];
}

interface Member {
  /** Index of the rank. */
  readonly rank: number;
  readonly sequence: CollectiveSequence;
  readonly group: string;
  readonly isProven: boolean;
}

/** Ends of one collective on two ranks differ by less, after the clocks' distance is taken off. */
const SAME_END_NS = 20_000;
const SAME_END_SHARE = 0.1;

/**
 * Matches the i-th collective of a kind over the ranks of its group and splits each one's time: a
 * collective ends everywhere at once, so the shortest is the last rank's and moves data only; what
 * others spend beyond it they wait. This needs durations only.
 */
export function matchCollectives(
  ranks: readonly LabelledStage[],
  sums: RankSums,
): { readonly collectives: readonly MatchedCollective[]; readonly leftOut: readonly LeftOut[] } {
  const find = groupFinder(ranks);
  const leftOut: LeftOut[] = [];
  const members: Member[] = [];
  for (const [rank, { label, measure }] of ranks.entries())
    for (const sequence of measure.collectives) {
      const found =
        sequence.group === null ? find(rank, sequence) : { group: sequence.group, isProven: true };
      if (found.group !== null) members.push({ rank, sequence, ...found });
      else leftOut.push(out(sequence, label, totalOf(sequence), `not matched: ${found.why}`));
    }
  const kinds = groupBy(members, ({ sequence, group }) => `${sequence.kind}\n${group}`);
  const collectives: MatchedCollective[] = [];
  for (const [, own] of [...kinds].sort(([a], [b]) => compareText(a, b))) {
    if (own.length < 2) {
      const [{ rank, sequence }] = own as [Member];
      const words = "no other rank here runs it in its process group";
      leftOut.push(out(sequence, ranks[rank]!.label, totalOf(sequence), words));
      continue;
    }
    const areNumbers = own.every(({ sequence }) => sequence.hasNumbers);
    const positions = alignSequences(
      own.map(({ sequence }) => sequence),
      areNumbers,
    );
    const isTogether = endTogether(own, positions);
    if (!own.every(({ isProven }) => isProven) && !isTogether) {
      const words =
        "not matched: no process group is told, and it does not end on all ranks at once";
      for (const { rank, sequence } of own)
        leftOut.push(out(sequence, ranks[rank]!.label, totalOf(sequence), words));
      continue;
    }
    append(leftOut, extras(ranks, own, positions));
    if (positions[0]!.length > 0)
      collectives.push({ ...split(ranks, own, positions, sums), isTogether });
  }
  collectives.sort(
    ({ row: a }, { row: b }) => b.waitingUs - a.waitingUs || b.movingUs - a.movingUs,
  );
  return { collectives, leftOut };
}

/** Ranks that run a collective together leave it at once: a wrong group shows by its ends. */
function endTogether(members: readonly Member[], positions: readonly Int32Array[]): boolean {
  const first = members[0]!.sequence;
  const longest = Float64Array.from(positions[0]!, (_, at) =>
    Math.max(...members.map(({ sequence }, m) => sequence.duration[positions[m]![at]!]!)),
  );
  const tolerance = Math.max(SAME_END_NS, SAME_END_SHARE * ranksOfOrdered(longest.sort()).p90);
  return members.every(({ sequence }, m) => {
    const apart = Float64Array.from(
      positions[m]!,
      (at, i) => sequence.end[at]! - first.end[positions[0]![i]!]!,
    ).sort();
    const { p10, p90 } = ranksOfOrdered(apart);
    return p90 - p10 <= tolerance;
  });
}

function split(
  ranks: readonly LabelledStage[],
  members: readonly Member[],
  positions: readonly Int32Array[],
  sums: RankSums,
): Omit<MatchedCollective, "isTogether"> {
  const matched = positions[0]!.length;
  const rows = members.map(() => ({ total: 0, waiting: 0, last: 0 }));
  const all = new Float64Array(matched * members.length);
  const launches = {
    last: new Int32Array(matched),
    moving: new Float64Array(matched),
    step: new Int32Array(matched),
    waiting: new Float64Array(matched),
  };
  for (let at = 0; at < matched; at++) {
    const durations = members.map(({ sequence }, m) => sequence.duration[positions[m]![at]!]!);
    const shortest = Math.min(...durations);
    const last = durations.indexOf(shortest);
    const isAlone = durations.lastIndexOf(shortest) === last;
    if (isAlone) rows[last]!.last++;
    launches.last[at] = isAlone ? members[last]!.rank : -1;
    launches.moving[at] = shortest;
    launches.step[at] = members[0]!.sequence.step[positions[0]![at]!]!;
    for (const [m, { rank, sequence }] of members.entries()) {
      const waiting = durations[m]! - shortest;
      const step = sequence.step[positions[m]![at]!]!;
      rows[m]!.total += durations[m]!;
      rows[m]!.waiting += waiting;
      launches.waiting[at]! += waiting;
      sums.addWaiting(rank, step, waiting);
      sums.addMatched(rank, step, durations[m]!);
      sums.addPartners(rank, step, members[0]!.rank, launches.step[at]!);
      all[at * members.length + m] = durations[m]!;
    }
  }
  const { medianUs } = spreadOf(all);
  const { kernel, shortName, category, collective } = members[0]!.sequence;
  const told = members[0]!.sequence.group;
  const row: RanksCollective = {
    ...{ kernel, shortName, category, collective, matched },
    group: members[0]!.group,
    matchedBy: members[0]!.sequence.hasNumbers
      ? "sequence number"
      : told === null
        ? "kernel name and order"
        : "group and order",
    minUs: toUs(all[0]!),
    medianUs,
    maxUs: toUs(all.at(-1)!),
    movingUs: toUs(launches.moving.reduce((sum, ns) => sum + ns, 0)),
    waitingUs: toUs(rows.reduce((sum, { waiting }) => sum + waiting, 0)),
    ranks: rows.map(
      ({ total, waiting, last }, m): CollectiveRank => ({
        label: ranks[members[m]!.rank]!.label,
        launches: members[m]!.sequence.duration.length,
        totalUs: toUs(total),
        waitingUs: toUs(waiting),
        waitingPct: percent(waiting, total),
        last,
      }),
    ),
  };
  const experts = members.map(({ sequence }, m) =>
    Float64Array.from(positions[m]!, (at) => sequence.experts[at]!),
  );
  const steps = members.map(({ sequence }, m) =>
    Int32Array.from(positions[m]!, (at) => sequence.step[at]!),
  );
  return { row, members: members.map(({ rank }) => rank), experts, steps, ...launches };
}

function out(
  { shortName }: { readonly shortName: string },
  label: string,
  ns: number,
  why: string,
): LeftOut {
  return { kernel: shortName, label, us: toUs(ns), why };
}

function totalOf({ duration }: CollectiveSequence): number {
  return duration.reduce((sum, ns) => sum + ns, 0);
}

/** Launches without a partner on every rank. */
function extras(
  ranks: readonly LabelledStage[],
  members: readonly Member[],
  positions: readonly Int32Array[],
): LeftOut[] {
  return members.flatMap(({ rank, sequence }, m) => {
    const matched = positions[m]!;
    const extra = sequence.duration.length - matched.length;
    if (extra === 0) return [];
    const ns = totalOf(sequence) - matched.reduce((sum, at) => sum + sequence.duration[at]!, 0);
    const words = `${extra} of ${sequence.duration.length} launches have no partner on every rank`;
    return [out(sequence, ranks[rank]!.label, ns, words)];
  });
}
