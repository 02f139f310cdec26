import type { Nanoseconds } from "../../model/units.ts";

/**
 * Lane of every slice so that slices of one lane never overlap. A viewer of Chrome traces draws a
 * thread's slices inside each other and drops those that only overlap in part, such as kernels of
 * one stream under programmatic dependent launch; on lanes of their own none is lost. Each slice
 * takes the first lane that is free, so that whatever does not overlap stays on the first.
 *
 * @param count slices, by ascending start.
 */
export function layLanes(
  count: number,
  startOf: (index: number) => Nanoseconds,
  endOf: (index: number) => Nanoseconds,
): { readonly laneOf: Uint16Array; readonly lanes: number } {
  const laneOf = new Uint16Array(count);
  const freeFrom: Nanoseconds[] = [];
  for (let index = 0; index < count; index++) {
    const start = startOf(index);
    let lane = freeFrom.findIndex((end) => end <= start);
    if (lane < 0) lane = freeFrom.push(start) - 1;
    freeFrom[lane] = endOf(index);
    laneOf[index] = lane;
  }
  return { laneOf, lanes: freeFrom.length };
}
