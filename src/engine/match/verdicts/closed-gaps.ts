import { largestOf, smallestOf } from "../../../base/extremes.ts";
import type { Occurrence } from "../../../model/finding.ts";
import { type GpuEvents, gpuEnd } from "../../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../../model/trace/units.ts";

/**
 * Idle time that closes when kernels of an occurrence go: one gap each, the one before it, or the one
 * behind it where that is counted already or lies outside. Gaps around kernels that only stand
 * between the steps stay. Never more than the occurrence has.
 */
export function closedGapNs(
  { rows, gapNs }: Occurrence,
  swallowed: readonly Row[],
  gpu: GpuEvents,
): Nanoseconds {
  if (gapNs <= 0 || swallowed.length === 0) return 0;
  const first = smallestOf(rows.flat());
  const last = largestOf(rows.flat());
  // A gap is known by the kernel that ends it.
  const closed = new Set<Row>();
  let total = 0;
  for (const row of [...swallowed].sort((a, b) => a - b)) {
    const behind = nextOnStream(gpu, row, last);
    const ends = row > first && !closed.has(row) ? row : behind;
    if (ends < 0 || closed.has(ends)) continue;
    closed.add(ends);
    total += idleBefore(gpu, ends, first);
  }
  return Math.min(total, gapNs);
}

function nextOnStream({ stream }: GpuEvents, row: Row, last: Row): Row {
  for (let next = row + 1; next <= last; next++) if (stream[next] === stream[row]) return next;
  return -1;
}

/** From the end of the stream's kernel before a kernel to its start, none where they overlap. */
function idleBefore(gpu: GpuEvents, row: Row, first: Row): Nanoseconds {
  for (let before = row - 1; before >= first; before--)
    if (gpu.stream[before] === gpu.stream[row])
      return Math.max(0, gpu.start[row]! - gpuEnd(gpu, before));
  return 0;
}
