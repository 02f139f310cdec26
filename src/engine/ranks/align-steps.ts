import { alignSequences } from "./collectives/align-sequences.ts";
import type { LabelledStage } from "./labelled-stage.ts";
import type { RankSums } from "./rank-sums.ts";

/**
 * The steps that all ranks have, as positions in each rank's steps: where the collectives they
 * share lie, else by order and the evenness of their ends. Labels are not asked: ranks of one
 * iteration may say different things of it.
 */
export function alignSteps(
  ranks: readonly LabelledStage[],
  indexes: readonly number[],
  sums: RankSums,
): Int32Array[] {
  const offsets = new Map<number, number>([[indexes[0]!, 0]]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const rank of indexes) {
      if (offsets.has(rank)) continue;
      for (const [known, offset] of offsets) {
        const distance = sums.distance(known, rank);
        if (distance === null) continue;
        offsets.set(rank, offset + distance);
        grown = true;
        break;
      }
    }
  }
  const blank = (rank: number) => {
    const { end } = ranks[rank]!.measure.steps;
    return { keys: Array.from(end, () => ""), end };
  };
  if (indexes.some((rank) => !offsets.has(rank))) return alignSequences(indexes.map(blank));
  const count = (rank: number): number => ranks[rank]!.measure.steps.count;
  const from = Math.max(...indexes.map((rank) => -offsets.get(rank)!));
  const to = Math.min(...indexes.map((rank) => count(rank) - offsets.get(rank)!));
  const common = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  return indexes.map((rank) => Int32Array.from(common, (at) => at + offsets.get(rank)!));
}
