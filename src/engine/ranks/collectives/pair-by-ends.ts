import type { Nanoseconds } from "../../../model/trace/units.ts";
import { ranksOfOrdered } from "../../spread.ts";
import type { LabelledStage } from "../labelled-stage.ts";
import type { TransferSequence } from "../rank-measure.ts";
import { StageMates } from "./stage-mates.ts";

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
 *
 * Transfers as even as a clock's ticks keep a constant distance to any others. Of those, only what
 * ends at the same time by the ranks' recorded clocks is paired, which ranks of one host share.
 */
export function pairsByEnds(ranks: readonly LabelledStage[]): EndPair[] {
  const wholes = ranks.flatMap(({ measure }, rank) =>
    measure.transfers
      .filter(({ peer, duration }) => peer === null && duration.length >= LEAST_TRANSFERS)
      .map((whole): Part => ({ rank, whole, sequence: whole })),
  );
  const isSole = new Set(wholes.map(({ rank }) => rank)).size === 2;
  const relation = new StageMates(ranks);
  const fits = (one: Part, other: Part, isBlind: boolean) =>
    !relation.areMates(one.rank, other.rank) &&
    (isBlind ? isConstant(one, other, isSole) : isAtOnce(ranks, one, other));
  const found: EndPair[] = [];
  for (const isBlind of [false, true]) {
    const left = wholes.filter(({ whole }) => found.every(({ of }) => !of.includes(whole)));
    found.push(...pairsOf(left, relation, (one, other) => fits(one, other, isBlind)));
    const rest = left.filter(({ whole }) => found.every(({ of }) => !of.includes(whole)));
    const parts = rest.flatMap((part) => [part, ...halvesOf(part)]);
    found.push(...pairsOf(parts, relation, (one, other) => fits(one, other, isBlind)));
  }
  return found;
}

/**
 * Those that fit each other and nothing else. Ranks that share a stage run in step: their transfers
 * fit all of the next stage's, and pair in the order of the ranks, as every engine lays them out.
 */
function pairsOf(
  parts: readonly Part[],
  relation: StageMates,
  areOne: (one: Part, other: Part) => boolean,
): readonly EndPair[] {
  const fits = parts.map((one) => parts.flatMap((other, at) => (areOne(one, other) ? [at] : [])));
  return parts.flatMap((one, at) => {
    const theirs = fits[at]!;
    const ours = fits[theirs[0] ?? -1] ?? [];
    const isMutual =
      theirs.length === ours.length &&
      theirs.every((other) => fits[other]!.join() === ours.join()) &&
      ours.every((mine) => fits[mine]!.join() === theirs.join());
    const isStage = [theirs, ours].every((side) =>
      relation.isStage(side.map((of) => parts[of]!.rank)),
    );
    const other = parts[theirs[ours.indexOf(at)] ?? -1];
    if (!isMutual || !isStage || other === undefined || one.rank > other.rank) return [];
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

/** By the recorded clocks. */
function isAtOnce(ranks: readonly LabelledStage[], one: Part, other: Part): boolean {
  const apart = distances(one, other);
  if (apart === null) return false;
  const clocks = 1000 * (ranks[one.rank]!.baseUs - ranks[other.rank]!.baseUs);
  const { p10, p90 } = ranksOfOrdered(apart.map((ns) => ns + clocks).sort());
  return p10 >= -SAME_END_NS && p90 <= SAME_END_NS;
}

/** But for a constant distance of the clocks. */
function isConstant(one: Part, other: Part, isSole: boolean): boolean {
  const apart = distances(one, other);
  return apart !== null && spans(apart) <= SAME_END_NS && (isSole || !isEven(one.sequence.end));
}

function distances({ rank, sequence: a }: Part, { sequence: b, ...other }: Part) {
  if (rank === other.rank || a.kernel !== b.kernel || a.end.length !== b.end.length) return null;
  return a.end.map((end, at) => end - b.end[at]!);
}

/** True where the sequence fits itself some transfers later. */
function isEven(end: Float64Array): boolean {
  const most = Math.min(MOST_PERIOD, end.length - LEAST_TRANSFERS);
  for (let later = 1; later <= most; later++)
    if (spans(end.slice(later).map((time, at) => time - end[at]!)) <= SAME_END_NS) return true;
  return false;
}

/** Transfers of a step, at most: micro-batches in both directions. */
const MOST_PERIOD = 32;

function spans(times: Float64Array): Nanoseconds {
  const { p10, p90 } = ranksOfOrdered(times.sort());
  return p90 - p10;
}
