/**
 * Binary search over places that are in order: the first one in [from, to) that `isReached` says
 * yes to, `to` where none is. Before it all say no, from it on all say yes.
 */
export function firstIndex(from: number, to: number, isReached: (at: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
