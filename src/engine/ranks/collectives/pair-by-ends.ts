import { ranksOfOrdered } from "../../spread.ts";
import type { LabelledStage } from "../labelled-stage.ts";
import type { TransferSequence } from "../rank-measure.ts";

/** Two sides of one transfer end within this of each other, the clocks' distance taken off. */
const SAME_END_NS = 20_000;
/** Fewer ends agree by chance. */
const LEAST_TRANSFERS = 3;

/** Transfers without a recorded peer that belong together by when they end. */
interface EndPair {
  readonly from: number;
  readonly to: number;
  readonly send: TransferSequence;
  readonly receive: TransferSequence;
  readonly matchedBy: "ends";
  /** The sequences that they are parts of. */
  readonly of: readonly TransferSequence[];
}

interface Part {
  readonly rank: number;
  readonly whole: TransferSequence;
  readonly sequence: TransferSequence;
}

/**
 * Pairs transfers of which no peer is recorded, as batches of sends and receives leave them: both
 * sides end when the data is there, so two ranks whose transfers are as many and end at a constant
 * distance exchange them. A stage in the middle of a pipeline alternates between two neighbours.
 * Each counts for one pair, and where several fit nothing is paired.
 */
export function pairsByEnds(ranks: readonly LabelledStage[]): EndPair[] {
  const wholes = ranks.flatMap(({ measure }, rank) =>
    measure.transfers
      .filter(({ peer, duration }) => peer === null && duration.length >= LEAST_TRANSFERS)
      .map((whole): Part => ({ rank, whole, sequence: whole })),
  );
  const pairs = pairsOf(wholes);
  const left = wholes.filter(({ whole }) => pairs.every(({ of }) => !of.includes(whole)));
  return [...pairs, ...pairsOf(left.flatMap((part) => [part, ...halvesOf(part)]))];
}

/** Those that fit each other and nothing else. */
function pairsOf(parts: readonly Part[]): EndPair[] {
  const fits = parts.map((one) => parts.filter((other) => areOne(one, other)));
  return parts.flatMap((one, at) => {
    const [other, ...more] = fits[at]!;
    if (other === undefined || more.length > 0 || one.rank > other.rank) return [];
    if (fits[parts.indexOf(other)]!.length !== 1) return [];
    return [
      {
        from: one.rank,
        to: other.rank,
        send: one.sequence,
        receive: other.sequence,
        matchedBy: "ends" as const,
        of: [one.whole, other.whole],
      },
    ];
  });
}

function halvesOf({ rank, whole }: Part): readonly Part[] {
  const count = whole.duration.length;
  if (count % 2 === 1 || count / 2 < LEAST_TRANSFERS) return [];
  return [0, 1].map((rest) => ({
    rank,
    whole,
    sequence: {
      ...whole,
      duration: whole.duration.filter((_, at) => at % 2 === rest),
      end: whole.end.filter((_, at) => at % 2 === rest),
      step: whole.step.filter((_, at) => at % 2 === rest),
    },
  }));
}

function areOne(one: Part, other: Part): boolean {
  const [a, b] = [one.sequence, other.sequence];
  if (one.rank === other.rank || a.kernel !== b.kernel || a.end.length !== b.end.length)
    return false;
  const apart = a.end.map((end, at) => end - b.end[at]!).sort();
  const { p10, p90 } = ranksOfOrdered(apart);
  return p90 - p10 <= SAME_END_NS;
}
