import type { EventLimit } from "../../model/trace/trace-spans.ts";
import type { Row } from "../../model/trace/units.ts";
import type { Limits } from "./index.ts";

/** The call behind a GPU event against the limit of its machine; null where its work is not known. */
export function eventLimit({ units, unitOf }: Limits, row: Row): EventLimit | null {
  const unit = units[unitOf[row]!];
  if (unit === undefined) return null;
  const { op, dims, flop, bytes, boundBy, floorNs, kernelNs, shapesFrom } = unit;
  return { op, dims, flop, bytes, boundBy, floorNs, kernelNs, shapesFrom };
}
