/**
 * Order of two texts by their code units: the same everywhere, whatever the locale. Keys that are
 * numbers go by value.
 */
export function compareText<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
