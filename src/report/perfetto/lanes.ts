/** Whether one slice has ended when the other starts, as somebody counts it. */
export type IsOver = (slice: number, next: number) => boolean;

/**
 * Lanes of one track at most. Where a damaged recording has thousands of slices at one moment, the
 * last lane takes what has no other: nobody reads as many, and each would cost a look per slice.
 */
const MOST_LANES = 64;

/**
 * Lane of every slice so that slices of one lane never overlap. A viewer of Chrome traces draws a
 * thread's slices inside each other and drops those that only overlap in part, such as kernels of
 * one stream under programmatic dependent launch; on lanes of their own none is lost. Each slice
 * takes the first lane that is free, up to {@link MOST_LANES}, so that whatever does not overlap stays on the first.
 *
 * @param count slices, by ascending start.
 * @param clocks a lane is free when all of them say that its last slice is over.
 */
export function layLanes(
  count: number,
  clocks: readonly IsOver[],
): { readonly laneOf: Uint8Array; readonly lanes: number } {
  const laneOf = new Uint8Array(count);
  /** Index of the last slice of each lane. */
  const lasts: number[] = [];
  for (let index = 0; index < count; index++) {
    let lane = lasts.findIndex((last) => clocks.every((isOver) => isOver(last, index)));
    if (lane < 0) lane = lasts.length < MOST_LANES ? lasts.push(index) - 1 : MOST_LANES - 1;
    lasts[lane] = index;
    laneOf[index] = lane;
  }
  return { laneOf, lanes: lasts.length };
}
