/** Kernel sequences of single steps: lags never reach from one step into the next. */
export type Sequences = readonly Uint32Array[];

/** A layer of fewer kernels is a loop of something else. */
const SHORTEST = 4;
/** Layers of a thousand kernels are beyond any model we know. */
const LONGEST = 1024;
/** A period that explains less than this share of the kernels is none. */
const LEAST_MATCH = 0.5;
/** A shorter period wins if it explains nearly as much as the best: two layers are not one. */
const NEARLY = 0.93;
/** Longer periods are more often a pass over the whole model than a layer of it. */
const LONG = 256;
/** So many layers make a pass. */
const PASS = 8;
/** Enough kernels to see any period; more would only cost time. */
const ENOUGH = 32_768;

/** Kernels compared before asking whether a lag can still be the one: most lags fit nowhere. */
const STRETCH = 256;

export interface Period {
  readonly period: number;
  /** Share of kernels equal to the one a period later, 0–1. */
  readonly matchRatio: number;
}

/**
 * The repeated kernel period by autocorrelation: the lag at which most kernels equal their
 * successor. Where layers of two kinds alternate the pair of them may be the period.
 *
 * Where steps are not told apart the best lag may be a whole pass over the model; then the best
 * one that goes into it several times is the layer.
 *
 * @returns null where nothing repeats at least three times.
 */
export function findPeriod(sequences: Sequences): Period | null {
  const chosen = longestFirst(sequences);
  const longest = chosen[0]?.length ?? 0;
  const ratios: number[] = [];
  let least = LEAST_MATCH * NEARLY;
  for (let lag = SHORTEST; lag <= Math.min(LONGEST, longest / 3); lag++) {
    const ratio = matchRatio(chosen, lag, least);
    ratios[lag] = ratio;
    least = Math.max(least, ratio * NEARLY);
  }
  const best = shortestBest(ratios);
  if (best === null) return null;
  const inner = best.period > LONG ? shortestBest(ratios.slice(0, best.period / PASS + 1)) : null;
  const found = inner ?? best;
  return isVaried(chosen, found.period) ? found : null;
}

/** The shortest lag that explains nearly as much as the best one. */
function shortestBest(ratios: readonly number[]): Period | null {
  // Lags shorter than a layer have no entry.
  const best = ratios.reduce((a, b) => Math.max(a, b), 0);
  if (best < LEAST_MATCH) return null;
  const period = ratios.findIndex((ratio) => ratio >= best * NEARLY);
  return { period, matchRatio: ratios[period]! };
}

function longestFirst(sequences: Sequences): Sequences {
  const ordered = [...sequences].sort((a, b) => b.length - a.length);
  const chosen: Uint32Array[] = [];
  let total = 0;
  for (const sequence of ordered) {
    if (total >= ENOUGH) break;
    chosen.push(sequence.subarray(0, ENOUGH));
    total += sequence.length;
  }
  return chosen;
}

/** Share of kernels equal to the one `lag` later; 0 as soon as it cannot reach `least` any more. */
function matchRatio(sequences: Sequences, lag: number, least: number): number {
  let compared = 0;
  for (const sequence of sequences) compared += Math.max(0, sequence.length - lag);
  if (compared === 0) return 0;
  let unequal = 0;
  for (const sequence of sequences) {
    for (let from = 0; from + lag < sequence.length; from += STRETCH) {
      unequal += unequalIn(sequence, lag, from, Math.min(from + STRETCH, sequence.length - lag));
      if ((compared - unequal) / compared < least) return 0;
    }
  }
  return (compared - unequal) / compared;
}

function unequalIn(sequence: Uint32Array, lag: number, from: number, to: number): number {
  let unequal = 0;
  for (let at = from; at < to; at++) if (sequence[at] !== sequence[at + lag]) unequal++;
  return unequal;
}

/** A run of one and the same kernel repeats at every lag and is no layer. */
function isVaried(sequences: Sequences, period: number): boolean {
  const middle = sequences[0]!.subarray((sequences[0]!.length - period) >> 1);
  return new Set(middle.subarray(0, period)).size >= Math.min(SHORTEST, period);
}
