/**
 * Makes the earliest start of all tables fall into the first microsecond.
 *
 * @param starts in ns relative to `baseUs`; changed in place.
 * @returns the new base in µs; 0 when there is no event at all.
 */
export function shiftToFirst(starts: readonly Float64Array[], baseUs: number): number {
  const first = Math.min(...starts.map(smallest));
  if (first === Number.POSITIVE_INFINITY) return 0;
  const shiftUs = Math.floor(first / 1000);
  if (shiftUs !== 0) for (const column of starts) subtract(column, shiftUs * 1000);
  return baseUs + shiftUs;
}

function smallest(column: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let row = 0; row < column.length; row++) if (column[row]! < least) least = column[row]!;
  return least;
}

function subtract(column: Float64Array, amount: number): void {
  for (let row = 0; row < column.length; row++) column[row]! -= amount;
}
