import type { LedgerPart, LedgerReason } from "../../model/contracts/ledger.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, kernelNameAt } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import { WORK } from "../overlap/work-kind.ts";
import { medianOf } from "../spread.ts";
import type { WallShares } from "./wall-shares.ts";

/** A launch this many times its kernel's median did not do this many times the work. */
const OUTLIER_TIMES = 10;

/** Below this an outlier is jitter that no engineer would follow up. */
const OUTLIER: Nanoseconds = 100_000;

/** Fewer launches have no median to be far from. */
const OUTLIER_LAUNCHES = 8;

/** Where more than this share is far from the median the kernel has two kinds of work, and no outliers. */
const OUTLIER_SHARE = 0.05;

/** What the ledger knows of kernels beyond their times. */
export interface KernelKnowledge {
  /** Least time per GPU row by the limits of the machine, NaN where no model applies; null without limits. */
  readonly floorNs: Float64Array | null;
  /** Rule by GPU row: kernels that a fusion which did not happen would remove. */
  readonly removable: ReadonlyMap<Row, string>;
  /** GPU rows in runs of small kernels. */
  readonly small: ReadonlySet<Row>;
}

/** Takes a piece of busy time: what it is put down to, and the kernel it belongs to. */
type Book = (
  part: LedgerPart,
  reason: LedgerReason | null,
  what: string | null,
  row: Row,
  ns: Nanoseconds,
) => void;

/**
 * Books the wall time of every event exactly once. The time that one launch took beyond its
 * kernel's median, when it is far beyond, is an outlier's; the rest is a removable kernel's, a run
 * of small kernels', or stands against the kernel's limit.
 */
export function bookBusy(
  graph: KernelGraph,
  stage: StageGraph,
  shares: WallShares,
  { floorNs, removable, small }: KernelKnowledge,
  book: Book,
): void {
  const usual = usualTimes(graph, stage);
  for (let entry = 0; entry < stage.events.length; entry++) {
    const row = stage.events[entry]!;
    let ns = shares.ns[entry]!;
    if (ns === 0) continue;
    const work = shares.work[entry]!;
    const part = PART[work]!;
    const { category } = graph.symbols[graph.symbolOf[row]!]!;
    const beyond = Math.min(ns, graph.trace.gpu.duration[row]! - usual[entry]!);
    if (beyond >= OUTLIER) {
      book(part, "outlier", kernelNameAt(graph.trace, row).short, row, beyond);
      ns -= beyond;
    }
    const rule = removable.get(row);
    const floor = floorNs?.[row] ?? Number.NaN;
    if (rule !== undefined) book(part, "fusion", rule, row, ns);
    else if (small.has(row)) book(part, "small-kernels", null, row, ns);
    else if (work === WORK.memory) book(part, null, null, row, ns);
    else if (Number.isNaN(floor))
      book(part, work === WORK.comm ? null : "no-model", category, row, ns);
    else {
      const least = Math.min(ns, floor);
      book(part, work === WORK.comm ? "moving" : "at-limit", category, row, least);
      book(part, work === WORK.comm ? "waiting" : "above-limit", category, row, ns - least);
    }
  }
}

const PART: Readonly<Record<number, LedgerPart>> = {
  [WORK.compute]: "compute",
  [WORK.comm]: "communication",
  [WORK.memory]: "copies",
};

/**
 * Per entry the median duration of launches like it (same kernel, same grid) where it is an
 * outlier of theirs, infinite elsewhere. Copies have a size, not a median.
 */
function usualTimes(graph: KernelGraph, stage: StageGraph): Float64Array {
  const { gpu } = graph.trace;
  const usual = new Float64Array(stage.events.length).fill(Number.POSITIVE_INFINITY);
  const alike = new Map<string, number[]>();
  for (let entry = 0; entry < stage.events.length; entry++) {
    const row = stage.events[entry]!;
    if (gpu.kind[row] !== GPU_KIND.kernel) continue;
    const key = `${gpu.name[row]} ${gpu.dims[row]}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [entry]);
    else known.push(entry);
  }
  const durationOf = (entry: number): Nanoseconds => gpu.duration[stage.events[entry]!]!;
  for (const entries of alike.values()) {
    if (entries.length < OUTLIER_LAUNCHES) continue;
    const median = medianOf(entries.map(durationOf));
    const far = entries.filter((entry) => durationOf(entry) >= OUTLIER_TIMES * median);
    if (far.length > OUTLIER_SHARE * entries.length) continue;
    for (const entry of far) usual[entry] = median;
  }
  return usual;
}
