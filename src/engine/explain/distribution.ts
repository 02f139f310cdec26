import type { Distribution } from "../../model/contracts/row-explanation.ts";
import { type Nanoseconds, toUs } from "../../model/trace/units.ts";

const BINS = 10;

/**
 * How durations spread. Quantiles are durations that occurred: the least that at least that share
 * of all does not exceed (nearest rank).
 *
 * @param durations not empty, in any order.
 */
export function distributionOf(durations: readonly Nanoseconds[]): Distribution {
  const sorted = [...durations].sort((a, b) => a - b);
  const quantile = (percent: number): number =>
    toUs(sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)]!);
  return {
    minUs: toUs(sorted[0]!),
    p10Us: quantile(10),
    medianUs: quantile(50),
    p90Us: quantile(90),
    p99Us: quantile(99),
    maxUs: toUs(sorted.at(-1)!),
    histogram: histogramOf(sorted),
  };
}

function histogramOf(sorted: readonly Nanoseconds[]): Distribution["histogram"] {
  const least = sorted[0]!;
  const most = sorted.at(-1)!;
  if (least === most) return [{ fromUs: toUs(least), toUs: toUs(most), launches: sorted.length }];
  const width = (most - least) / BINS;
  const launches = new Array<number>(BINS).fill(0);
  for (const each of sorted) launches[Math.min(BINS - 1, Math.floor((each - least) / width))]!++;
  return launches.map((count, bin) => ({
    fromUs: toUs(Math.round(least + bin * width)),
    toUs: toUs(Math.round(least + (bin + 1) * width)),
    launches: count,
  }));
}
