/**
 * Stable ascending order of rows by several keys; the sort is a merge of the runs already there,
 * because recorders write long ordered stretches.
 *
 * @param compare rows by number, as Array.sort has it.
 * @returns new row → old row, or null when the rows are in order already.
 */
export function stableOrder(
  count: number,
  compare: (a: number, b: number) => number,
): Uint32Array | null {
  const runs = ascendingRuns(count, compare);
  if (runs.length <= 2) return null;
  let from = new Uint32Array(count);
  for (let row = 0; row < count; row++) from[row] = row;
  let to = new Uint32Array(count);
  let bounds = runs;
  while (bounds.length > 2) {
    bounds = mergePass(from, to, bounds, compare);
    [from, to] = [to, from];
  }
  return from;
}

/** Start of every maximal ordered run, and `count` last. */
function ascendingRuns(count: number, compare: (a: number, b: number) => number): number[] {
  const bounds = [0];
  for (let row = 1; row < count; row++) if (compare(row - 1, row) > 0) bounds.push(row);
  if (count > 0) bounds.push(count);
  return bounds;
}

function mergePass(
  from: Uint32Array,
  to: Uint32Array,
  bounds: readonly number[],
  compare: (a: number, b: number) => number,
): number[] {
  const merged = [0];
  for (let run = 0; run + 1 < bounds.length; run += 2) {
    const middle = bounds[run + 1]!;
    const end = bounds[run + 2] ?? middle;
    mergeRuns(from, to, bounds[run]!, middle, end, compare);
    merged.push(end);
  }
  return merged;
}

function mergeRuns(
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  let left = start;
  let right = middle;
  for (let out = start; out < end; out++) {
    const takeLeft = right >= end || (left < middle && compare(from[left]!, from[right]!) <= 0);
    to[out] = takeLeft ? from[left++]! : from[right++]!;
  }
}
