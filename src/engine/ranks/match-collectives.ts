import { compareText } from "../../model/compare-text.ts";
import { groupBy } from "../../model/group-by.ts";
import type { CollectiveRank, RanksCollective } from "../../model/ranks.ts";
import { type Nanoseconds, percent, toUs } from "../../model/units.ts";
import { spreadOf } from "../spread.ts";
import { alignSequences } from "./align-sequences.ts";
import type { CollectiveSequence, StageMeasure } from "./rank-measure.ts";

/** One rank's stage under the name tables give it. */
export interface LabelledStage {
  readonly label: string;
  readonly measure: StageMeasure;
}

interface MatchedCollectives {
  /** The longest waiting first. */
  readonly collectives: readonly RanksCollective[];
  readonly leftOut: readonly string[];
  /** By rank, by step of the stage. */
  readonly waitingByStep: readonly Float64Array[];
  /** By rank, those outside steps included. */
  readonly waiting: readonly Nanoseconds[];
}

/**
 * Matches the i-th collective of a kind over ranks and splits each one's time: a collective ends
 * everywhere at once, so the shortest is the last rank's and moves data only; what others spend
 * beyond it they wait. This needs durations only.
 */
export function matchCollectives(ranks: readonly LabelledStage[]): MatchedCollectives {
  const sums = {
    waitingByStep: ranks.map(({ measure }) => new Float64Array(measure.steps.duration.length)),
    waiting: ranks.map(() => 0),
  };
  const collectives: RanksCollective[] = [];
  const leftOut: string[] = [];
  for (const [, members] of [...byKind(ranks)].sort(([a], [b]) => compareText(a, b))) {
    leftOut.push(...absentInWords(ranks, members));
    if (members.length < 2) continue;
    const positions = alignSequences(members.map(({ sequence }) => sequence));
    leftOut.push(...extraInWords(ranks, members, positions[0]!.length));
    if (positions[0]!.length > 0) collectives.push(split(ranks, members, positions, sums));
  }
  collectives.sort((a, b) => b.waitingUs - a.waitingUs || b.movingUs - a.movingUs);
  return { collectives, leftOut, ...sums };
}

interface Member {
  /** Index of the rank. */
  readonly rank: number;
  readonly sequence: CollectiveSequence;
}

function byKind(ranks: readonly LabelledStage[]): Map<string, Member[]> {
  const members = ranks.flatMap(({ measure }, rank) =>
    measure.collectives.map((sequence): Member => ({ rank, sequence })),
  );
  return groupBy(members, ({ sequence }) => sequence.kind);
}

function split(
  ranks: readonly LabelledStage[],
  members: readonly Member[],
  positions: readonly Int32Array[],
  sums: { waitingByStep: Float64Array[]; waiting: number[] },
): RanksCollective {
  const matched = positions[0]!.length;
  const rows = members.map(() => ({ total: 0, waiting: 0, last: 0 }));
  const all = new Float64Array(matched * members.length);
  let moving = 0;
  for (let at = 0; at < matched; at++) {
    const durations = members.map(({ sequence }, m) => sequence.duration[positions[m]![at]!]!);
    const shortest = Math.min(...durations);
    moving += shortest;
    const last = durations.indexOf(shortest);
    if (durations.lastIndexOf(shortest) === last) rows[last]!.last++;
    for (const [m, { rank, sequence }] of members.entries()) {
      const waiting = durations[m]! - shortest;
      rows[m]!.total += durations[m]!;
      rows[m]!.waiting += waiting;
      sums.waiting[rank]! += waiting;
      const step = sequence.step[positions[m]![at]!]!;
      if (step >= 0) sums.waitingByStep[rank]![step]! += waiting;
      all[at * members.length + m] = durations[m]!;
    }
  }
  const { medianUs } = spreadOf(all);
  const { kernel, shortName, category, collective, group, matchedBy } = members[0]!.sequence;
  return {
    ...{ kernel, shortName, category, collective, group, matchedBy, matched },
    minUs: toUs(all[0]!),
    medianUs,
    maxUs: toUs(all.at(-1)!),
    movingUs: toUs(moving),
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
}

/** Ranks that do not run a collective which others run. Another group's is not missing here. */
function absentInWords(ranks: readonly LabelledStage[], members: readonly Member[]): string[] {
  const [{ sequence }] = members as [Member];
  if (members.length === ranks.length) return [];
  if (sequence.group !== null && members.length > 1) return [];
  const has = new Set(members.map(({ rank }) => rank));
  const absent = ranks.filter((_, rank) => !has.has(rank)).map(({ label }) => label);
  return [`${sequence.shortName}: not on rank ${absent.join(", ")}`];
}

function extraInWords(
  ranks: readonly LabelledStage[],
  members: readonly Member[],
  matched: number,
): string[] {
  return members.flatMap(({ rank, sequence }) => {
    const extra = sequence.duration.length - matched;
    if (extra === 0) return [];
    return [
      `${sequence.shortName}: ${extra} of ${sequence.duration.length} launches of rank ${ranks[rank]!.label} have no partner on every rank`,
    ];
  });
}
