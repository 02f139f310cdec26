import type { Row } from "../../model/trace/units.ts";
import type { LimitedUnit, Limits } from "../limits/index.ts";

/** What the kernels of a chain move, and what one kernel in their place would not. */
interface ChainTraffic {
  /** Bytes of results that the next kernel of the chain reads: written once and read once. */
  readonly between: number;
  /** Least time for all the rest, in nanoseconds. */
  readonly restNs: number;
}

/**
 * The traffic of a chain, told by work models: of two calls in a row the later one reads what the
 * earlier wrote, as much as both tell. Null where a call's work is not known, goes over links, or is
 * only a bound. What the last cache holds may come from there: no time is counted for it.
 *
 * @param rows kernels in the order they ran
 */
export function chainTraffic(
  rows: readonly Row[],
  { units, unitOf, machine }: Limits,
): ChainTraffic | null {
  if (machine === null) return null;
  const calls: LimitedUnit[] = [];
  for (const row of rows) {
    const unit = units[unitOf[row]!];
    if (unit === undefined || unit.medium !== "memory" || unit.isLeast === true) return null;
    if (!calls.includes(unit)) calls.push(unit);
  }
  let between = 0;
  for (let at = 1; at < calls.length; at++)
    between += 2 * Math.min(writesOf(calls[at - 1]!), readsOf(calls[at]!));
  const bytes = calls.reduce((sum, unit) => sum + unit.bytes, 0) - between;
  const cached = (machine.cacheMiB ?? 0) * 2 ** 20;
  return { between, restNs: Math.max(0, bytes - cached) / machine.memory };
}

/** A copy within the GPU, which has no model, reads one half and writes the other. */
const readsOf = ({ work, bytes }: LimitedUnit): number => work?.reads ?? bytes / 2;
const writesOf = ({ work, bytes }: LimitedUnit): number => work?.writes ?? bytes / 2;
