import type { Occurrence } from "../../model/finding.ts";
import type { Rule } from "../../model/rule.ts";
import { type GpuEvents, gpuEnd } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import type { Limits } from "../limits/index.ts";
import { swallowedRows } from "../match/verdicts/save-model.ts";
import { chainTraffic } from "./chain-traffic.ts";
import type { Change } from "./retime.ts";

/** Kernels in order of which some go and the others stay, launched where the first of all was. */
interface Chain {
  readonly rows: readonly Row[];
  readonly gone: ReadonlySet<Row>;
  /** What a kernel that stays takes instead. */
  readonly takes?: { readonly row: Row; readonly ns: Nanoseconds };
}

/**
 * Chains without the kernels that go. As many launches are left as kernels, the earliest ones: the
 * host's work up to the beginning of a chain is needed all the same, what lies inside it is not.
 */
export function withoutKernels(
  chains: readonly Chain[],
  isFree: (row: Row) => boolean,
): Pick<Required<Change>, "removed" | "unlaunched" | "durations"> {
  const durations = new Map<Row, Nanoseconds>();
  const removed = new Set<Row>();
  const unlaunched = new Set<Row>();
  for (const { rows, gone, takes } of chains) {
    const going = rows.filter((row) => gone.has(row) && isFree(row));
    for (const row of going) removed.add(row);
    for (const row of rows.slice(rows.length - going.length)) unlaunched.add(row);
    if (takes !== undefined && isFree(takes.row)) durations.set(takes.row, takes.ns);
  }
  return { removed, unlaunched, durations };
}

/**
 * Idle time inside chains, which is what can close when kernels of them go: gaps around a chain stay,
 * and where two chains are interleaved each moment counts once.
 */
export function closingNs(
  chains: readonly { readonly rows: readonly Row[]; readonly gone: ReadonlySet<Row> }[],
  gpu: GpuEvents,
): Nanoseconds {
  let total = 0;
  for (const { rows, gone } of chains) {
    if (gone.size === 0) continue;
    let end = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      if (end > Number.NEGATIVE_INFINITY) total += Math.max(0, gpu.start[row]! - end);
      end = Math.max(end, gpuEnd(gpu, row));
    }
  }
  return total;
}

/** A chain of which only the longest kernel stays. */
export function keepLongest(duration: ArrayLike<number>, rows: readonly Row[]): Chain {
  let longest = rows[0]!;
  for (const row of rows) if (duration[row]! > duration[longest]!) longest = row;
  return { rows, gone: new Set(rows.filter((row) => row !== longest)) };
}

/**
 * The chains of a fusion that did not happen, each without what the fused kernel swallows. Where a
 * rule says that it swallows every step (attention over whole scores, say), it does the same work
 * in another way: one kernel stays, and takes what the chain's operations need at least. Where that
 * is not known the longest stays as it is.
 */
export function fusionChains(
  rule: Rule,
  occurrences: readonly Occurrence[],
  gpu: GpuEvents,
  limits: Limits | null,
): readonly Chain[] {
  return occurrences
    .filter(({ state }) => state !== "active")
    .map((occurrence) => {
      const rows = occurrence.rows.flat().sort((a, b) => a - b);
      const gone = new Set(swallowedRows(rule, occurrence, gpu));
      if (gone.size < rows.length) return { rows, gone, ...movesTheRest(rows, gone, gpu, limits) };
      const kept = keepLongest(gpu.duration, rows);
      const ns = limits === null ? null : operationsNs(rows, limits);
      const [row] = rows.filter((one) => !kept.gone.has(one)) as [Row];
      return ns === null || ns >= gpu.duration[row]! ? kept : { ...kept, takes: { row, ns } };
    });
}

/**
 * What stays must still move what the swallowed kernels took in and gave out, all but the results
 * between them: where that takes longer than what stays takes now, it takes that long.
 */
function movesTheRest(
  rows: readonly Row[],
  gone: ReadonlySet<Row>,
  gpu: GpuEvents,
  limits: Limits | null,
): Pick<Chain, "takes"> {
  const traffic = limits === null || gone.size === 0 ? null : chainTraffic(rows, limits);
  if (traffic === null) return {};
  const staying = rows.filter((row) => !gone.has(row));
  const ns = staying.reduce((sum, row) => sum + gpu.duration[row]!, 0);
  const more = Math.round(traffic.restNs) - ns;
  if (more <= 0) return {};
  const row = staying.reduce((a, b) => (gpu.duration[b]! > gpu.duration[a]! ? b : a));
  return { takes: { row, ns: gpu.duration[row]! + more } };
}

/**
 * What the operations of a chain take at the machine's rate, or, where none computes, what the
 * largest of them needs at least; null where that is not known.
 */
function operationsNs(rows: readonly Row[], { units, unitOf }: Limits): Nanoseconds | null {
  let ns = 0;
  let least = 0;
  for (const at of new Set(rows.map((row) => unitOf[row]!))) {
    const unit = units[at];
    if (unit === undefined) continue;
    least = Math.max(least, unit.floorNs ?? 0);
    if (unit.rate === null || unit.flop === 0 || unit.rate.unit !== "matrix") continue;
    if (!unit.chosen?.perSecond) return null;
    ns += (unit.flop / unit.chosen.perSecond) * 1e9;
  }
  const takes = ns > 0 ? ns : least;
  return takes > 0 ? takes : null;
}
