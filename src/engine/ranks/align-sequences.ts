/** What happens on one rank, in order. */
interface RankSequence {
  /** Equal for what may be the same event on two ranks. */
  readonly keys: readonly string[];
  /** When each ended by the rank's own clock, ns. */
  readonly end: ArrayLike<number>;
}

/** Beyond this many comparisons only both ends are tried. */
const MOST_COMPARISONS = 20_000_000;

/**
 * The events that all ranks have, as positions in each rank's sequence. Equally long sequences of
 * equal keys match one by one. A rank that has more (its window opened earlier or closed later) is
 * laid where the ends keep the most even distance: what ends on all ranks at once does so at a
 * constant distance, whatever the clocks. Where keys differ the common start and end remain.
 */
export function alignSequences(ranks: readonly RankSequence[]): Int32Array[] {
  const shortest = ranks.reduce((a, b) => (b.keys.length < a.keys.length ? b : a));
  const partners = ranks.map((rank) => partnersOf(shortest, rank));
  const shared = shortest.keys
    .map((_, at) => at)
    .filter((at) => partners.every((p) => p[at]! >= 0));
  return partners.map((p) => Int32Array.from(shared, (at) => p[at]!));
}

/** Per event of `short` its position in `long`, -1 where it has none. */
function partnersOf(short: RankSequence, long: RankSequence): Int32Array {
  const offset = bestOffset(short, long);
  if (offset !== null) return Int32Array.from(short.keys, (_, at) => at + offset);
  const partners = new Int32Array(short.keys.length).fill(-1);
  const [n, m] = [short.keys.length, long.keys.length];
  let from = 0;
  while (from < n && short.keys[from] === long.keys[from]) partners[from] = from++;
  for (let back = 1; back <= n - from && short.keys[n - back] === long.keys[m - back]; back++)
    partners[n - back] = m - back;
  return partners;
}

function bestOffset(short: RankSequence, long: RankSequence): number | null {
  const spare = long.keys.length - short.keys.length;
  const offsets =
    spare * short.keys.length > MOST_COMPARISONS
      ? [0, spare]
      : Array.from({ length: spare + 1 }, (_, offset) => offset);
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const offset of offsets) {
    if (!short.keys.every((key, at) => key === long.keys[at + offset])) continue;
    const uneven = spare === 0 ? 0 : unevenness(short, long, offset);
    if (uneven < least) [best, least] = [offset, uneven];
  }
  return best;
}

/** How much the distance of the ends wanders from one event to the next. */
function unevenness(short: RankSequence, long: RankSequence, offset: number): number {
  let sum = 0;
  for (let at = 1; at < short.keys.length; at++)
    sum += Math.abs(
      long.end[at + offset]! - long.end[at + offset - 1]! - (short.end[at]! - short.end[at - 1]!),
    );
  return sum;
}
