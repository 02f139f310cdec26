import type { LabelledStage } from "../labelled-stage.ts";

/** What recorders call the groups of a pipeline's neighbours. */
const PIPELINE = /(?:^|[^a-z])(?:pp|pipe\w*)(?:$|[^a-z])/i;

/**
 * Which ranks share a pipeline stage: those of one process group that is neither the pipeline's nor
 * all ranks'. Groups are those that traces describe and those that collectives recorded.
 */
export class StageMates {
  readonly #mates: readonly ReadonlySet<number>[];

  constructor(ranks: readonly LabelledStage[]) {
    const indexOf = new Map(
      ranks.flatMap(({ rank }, at) => (rank === null ? [] : [[rank, at] as const])),
    );
    const mates = ranks.map(() => new Set<number>());
    for (const members of ranks.flatMap(groupsOf)) {
      const here = members.flatMap((rank) => indexOf.get(rank) ?? []);
      if (here.length === ranks.length) continue;
      for (const one of here) for (const other of here) if (one !== other) mates[one]!.add(other);
    }
    this.#mates = mates;
  }

  areMates(one: number, other: number): boolean {
    return this.#mates[one]!.has(other);
  }

  /** True of one rank, and of several that all share their stage. */
  isStage(ranks: readonly number[]): boolean {
    return ranks.every((one) => ranks.every((other) => one === other || this.areMates(one, other)));
  }
}

function groupsOf({ groups, measure }: LabelledStage): readonly (readonly number[])[] {
  const described = groups.filter(({ desc }) => !PIPELINE.test(desc)).map(({ ranks }) => ranks);
  return [...described, ...measure.collectives.map(({ group }) => membersOf(group))];
}

/** Ranks of a group as collectives record them, "[0, 1]"; none of anything else. */
function membersOf(group: string | null): readonly number[] {
  if (group === null || !/^\[\d+(?:,\s*\d+)*\]$/.test(group)) return [];
  return JSON.parse(group) as number[];
}
