import type { HealthFinding } from "../../model/contracts/health.ts";
import { GPU_KIND, type Trace } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import { placesOf } from "./place.ts";

/** Kernels that last nothing: each takes a microsecond at least, so that their end was not recorded. */
export function withoutDuration(trace: Trace): HealthFinding[] {
  const { gpu } = trace;
  const rows: Row[] = [];
  for (let row = 0; row < gpu.count; row++)
    if (gpu.duration[row] === 0 && gpu.kind[row] === GPU_KIND.kernel) rows.push(row);
  if (rows.length === 0) return [];
  return [
    {
      kind: "no-time",
      count: rows.length,
      us: 0,
      where: `duration 0: ${placesOf(trace, rows)}`,
      remedy:
        "their end was not recorded: they count as launches that take nothing, so GPU time and shares miss their part; record again",
    },
  ];
}
