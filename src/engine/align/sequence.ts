import type { GpuKind } from "../../model/trace/trace.ts";

/** "The trace does not say": no name on a CUDA launch, no grid on a HIP replay. */
export const UNKNOWN = -1;

/** A replayed GPU event as alignment sees it; ids are interned over both traces. */
export interface KernelStep {
  readonly kind: GpuKind;
  readonly name: number;
  readonly dims: number;
  readonly category: string;
}

/** A launch recorded while the graph was captured. */
export interface LaunchStep {
  readonly kind: GpuKind;
  readonly name: number;
  readonly dims: number;
  /** Interned place in the code without layer numbers: equal in every layer, so evidence adds up. */
  readonly site: number;
  /** What the op is expected to launch, null when the op does not tell. */
  readonly category: string | null;
}

/** How well a kernel fits a launch; -Infinity forbids the pair. */
export type PairScore = (kernel: KernelStep, launch: LaunchStep) => number;

interface GapCosts {
  /** A replayed kernel without a launch (padding, a launch the profiler lost). */
  readonly kernel: number;
  /** A captured launch that was not replayed on this stream. */
  readonly launch: number;
}

interface SequenceAlignment {
  /** Launch index per kernel, -1 where none. */
  readonly launchOf: Int32Array;
  /** How much worse the best alignment gets if this kernel's site had to be another one; 0 = a tie. */
  readonly margin: Float64Array;
}

/**
 * Global alignment of two sequences in a band around the diagonal (Needleman–Wunsch), forwards and
 * backwards, so that each pair also knows whether an equally good alignment would place the kernel
 * elsewhere. Alternatives at the same site do not count against a pair.
 *
 * Cost O(kernels × band) in time and memory; the band widens with the difference in length.
 */
export function alignSequences(
  kernels: readonly KernelStep[],
  launches: readonly LaunchStep[],
  score: PairScore,
  gaps: GapCosts,
): SequenceAlignment {
  const band = new Band(kernels.length, launches.length);
  const forward = fillForward(kernels, launches, score, gaps, band);
  const backward = fillBackward(kernels, launches, score, gaps, band);
  return readPairs(kernels, launches, score, gaps, band, forward, backward);
}

/** Cells (i, j) with j within `reach` of the diagonal from (0,0) to (n,m). */
class Band {
  readonly n: number;
  readonly m: number;
  readonly width: number;
  readonly #reach: number;

  constructor(n: number, m: number) {
    this.n = n;
    this.m = m;
    this.#reach = 48 + Math.abs(n - m) + Math.ceil(Math.max(n, m) / 32);
    this.width = 2 * this.#reach + 1;
  }

  first(i: number): number {
    return Math.max(0, this.#centre(i) - this.#reach);
  }

  last(i: number): number {
    return Math.min(this.m, this.#centre(i) + this.#reach);
  }

  /** Position of cell (i, j) in a table, -1 outside the band. */
  cell(i: number, j: number): number {
    const offset = j - this.#centre(i) + this.#reach;
    return i < 0 || i > this.n || offset < 0 || offset >= this.width || j < 0 || j > this.m
      ? -1
      : i * this.width + offset;
  }

  table(): Float64Array {
    return new Float64Array((this.n + 1) * this.width).fill(Number.NEGATIVE_INFINITY);
  }

  #centre(i: number): number {
    return this.n === 0 ? 0 : Math.round((i * this.m) / this.n);
  }
}

function at(table: Float64Array, cell: number): number {
  return cell < 0 ? Number.NEGATIVE_INFINITY : table[cell]!;
}

/** table[i][j] = best score of aligning the first i kernels with the first j launches. */
function fillForward(
  kernels: readonly KernelStep[],
  launches: readonly LaunchStep[],
  score: PairScore,
  gaps: GapCosts,
  band: Band,
): Float64Array {
  const table = band.table();
  for (let i = 0; i <= band.n; i++) {
    for (let j = band.first(i); j <= band.last(i); j++) {
      let best = i === 0 && j === 0 ? 0 : Number.NEGATIVE_INFINITY;
      if (i > 0) best = Math.max(best, at(table, band.cell(i - 1, j)) - gaps.kernel);
      if (j > 0) best = Math.max(best, at(table, band.cell(i, j - 1)) - gaps.launch);
      if (i > 0 && j > 0) {
        const before = at(table, band.cell(i - 1, j - 1));
        if (before > Number.NEGATIVE_INFINITY)
          best = Math.max(best, before + score(kernels[i - 1]!, launches[j - 1]!));
      }
      table[band.cell(i, j)] = best;
    }
  }
  return table;
}

/** table[i][j] = best score of aligning the kernels from i on with the launches from j on. */
function fillBackward(
  kernels: readonly KernelStep[],
  launches: readonly LaunchStep[],
  score: PairScore,
  gaps: GapCosts,
  band: Band,
): Float64Array {
  const table = band.table();
  for (let i = band.n; i >= 0; i--) {
    for (let j = band.last(i); j >= band.first(i); j--) {
      let best = i === band.n && j === band.m ? 0 : Number.NEGATIVE_INFINITY;
      if (i < band.n) best = Math.max(best, at(table, band.cell(i + 1, j)) - gaps.kernel);
      if (j < band.m) best = Math.max(best, at(table, band.cell(i, j + 1)) - gaps.launch);
      if (i < band.n && j < band.m) {
        const after = at(table, band.cell(i + 1, j + 1));
        if (after > Number.NEGATIVE_INFINITY)
          best = Math.max(best, after + score(kernels[i]!, launches[j]!));
      }
      table[band.cell(i, j)] = best;
    }
  }
  return table;
}

function readPairs(
  kernels: readonly KernelStep[],
  launches: readonly LaunchStep[],
  score: PairScore,
  gaps: GapCosts,
  band: Band,
  forward: Float64Array,
  backward: Float64Array,
): SequenceAlignment {
  const launchOf = new Int32Array(band.n).fill(-1);
  const margin = new Float64Array(band.n);
  let floor = 0;
  for (let i = 0; i < band.n; i++) {
    let best = Number.NEGATIVE_INFINITY;
    let bestLaunch = -1;
    let skipped = Number.NEGATIVE_INFINITY;
    const through = new Map<number, number>();
    for (let j = band.first(i); j <= band.last(i); j++) {
      const before = at(forward, band.cell(i, j));
      if (before === Number.NEGATIVE_INFINITY) continue;
      skipped = Math.max(skipped, before - gaps.kernel + at(backward, band.cell(i + 1, j)));
      if (j >= band.m) continue;
      const pair =
        before + score(kernels[i]!, launches[j]!) + at(backward, band.cell(i + 1, j + 1));
      if (pair === Number.NEGATIVE_INFINITY) continue;
      const site = launches[j]!.site;
      through.set(site, Math.max(through.get(site) ?? Number.NEGATIVE_INFINITY, pair));
      // Ties go to the earliest launch that keeps the pairs in order.
      if (pair > best + 1e-9 && j >= floor) {
        best = pair;
        bestLaunch = j;
      }
    }
    if (bestLaunch < 0 || skipped > best + 1e-9) continue;
    let other = skipped;
    const site = launches[bestLaunch]!.site;
    for (const [key, value] of through) if (key !== site && value > other) other = value;
    launchOf[i] = bestLaunch;
    margin[i] = Math.max(0, best - other);
    floor = bestLaunch + 1;
  }
  return { launchOf, margin };
}
