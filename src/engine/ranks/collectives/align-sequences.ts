/** What happens on one rank, in order. */
interface RankSequence {
  /** Equal for what may be the same event on two ranks. */
  readonly keys: readonly string[];
  /** When each ended by the rank's own clock, ns. */
  readonly end: ArrayLike<number>;
}

/** Beyond this many comparisons fewer places are tried. */
const MOST_COMPARISONS = 20_000_000;
/** So many neighbours tell how even a place is. */
const MOST_SAMPLES = 512;
/** A window that opened and closed later must fit so much better than one that did not. */
const MUCH_EVENER = 4;
const LEAST_UNEVEN_NS = 5000;

/**
 * The events that all ranks have, as positions in each rank's sequence. Sequences of equal keys
 * match one by one. A rank whose window opened earlier or closed later is laid where the ends keep
 * the most even distance: what ends on all ranks at once does so at a constant distance, whatever
 * the clocks. Where keys differ the common start and end remain.
 *
 * @param areNumbers keys name each event, as sequence numbers do: then they alone match.
 */
export function alignSequences(ranks: readonly RankSequence[], areNumbers = false): Int32Array[] {
  const shortest = ranks.reduce((a, b) => (b.keys.length < a.keys.length ? b : a));
  const partners = ranks.map((rank) =>
    rank === shortest
      ? Int32Array.from(rank.keys, (_, at) => at)
      : areNumbers
        ? byNumber(shortest, rank)
        : byPlace(shortest, rank),
  );
  const shared = shortest.keys
    .map((_, at) => at)
    .filter((at) => partners.every((p) => p[at]! >= 0));
  return partners.map((p) => Int32Array.from(shared, (at) => p[at]!));
}

/** Of numbers that come again (one per group of calls) the first counts. */
function byNumber(short: RankSequence, long: RankSequence): Int32Array {
  const places = new Map<string, number[]>();
  for (const [at, key] of long.keys.entries()) {
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else known.push(at);
  }
  return Int32Array.from(short.keys, (key) => places.get(key)?.shift() ?? -1);
}

/** Per event of `short` its position in `long`, -1 where it has none. */
function byPlace(short: RankSequence, long: RankSequence): Int32Array {
  const offset = bestOffset(short, long);
  const [n, m] = [short.keys.length, long.keys.length];
  if (offset !== null)
    return Int32Array.from(short.keys, (_, at) =>
      at + offset >= 0 && at + offset < m ? at + offset : -1,
    );
  const partners = new Int32Array(n).fill(-1);
  let from = 0;
  while (from < n && short.keys[from] === long.keys[from]) partners[from] = from++;
  for (let back = 1; back <= n - from && short.keys[n - back] === long.keys[m - back]; back++)
    partners[n - back] = m - back;
  return partners;
}

function bestOffset(short: RankSequence, long: RankSequence): number | null {
  const n = short.keys.length;
  const spare = long.keys.length - n;
  const places = Math.floor(MOST_COMPARISONS / Math.max(1, n));
  const within =
    spare > places ? [0, spare] : Array.from({ length: spare + 1 }, (_, offset) => offset);
  const natural = evenest(short, long, within);
  if (natural !== null && natural.uneven <= LEAST_UNEVEN_NS) return natural.offset;
  const shift = Math.min(n >> 1, Math.max(0, places - within.length) >> 1);
  const beyond = Array.from({ length: shift }, (_, at) => [-1 - at, spare + 1 + at]).flat();
  const shifted = evenest(short, long, beyond);
  if (natural === null) return shifted?.offset ?? null;
  const isFar = shifted !== null && natural.uneven > MUCH_EVENER * shifted.uneven + LEAST_UNEVEN_NS;
  return isFar ? shifted.offset : natural.offset;
}

function evenest(
  short: RankSequence,
  long: RankSequence,
  offsets: readonly number[],
): { readonly offset: number; readonly uneven: number } | null {
  let best: { offset: number; uneven: number } | null = null;
  for (const offset of offsets) {
    const from = Math.max(0, -offset);
    const to = Math.min(short.keys.length, long.keys.length - offset);
    let fits = to > from;
    for (let at = from; fits && at < to; at++) fits = short.keys[at] === long.keys[at + offset];
    if (!fits) continue;
    const uneven = unevenness(short, long, offset, from, to);
    if (best === null || uneven < best.uneven) best = { offset, uneven };
  }
  return best;
}

/** How much the distance of the ends wanders from one event to the next, on average. */
function unevenness(
  short: RankSequence,
  long: RankSequence,
  offset: number,
  from: number,
  to: number,
): number {
  const stride = Math.max(1, Math.floor((to - from) / MOST_SAMPLES));
  let sum = 0;
  let count = 0;
  for (let at = from + 1; at < to; at += stride) {
    sum += Math.abs(
      long.end[at + offset]! - long.end[at + offset - 1]! - (short.end[at]! - short.end[at - 1]!),
    );
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
