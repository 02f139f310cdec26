import type { KernelGraph } from "../../model/kernel-graph.ts";
import type { Machine } from "../../model/machine.ts";
import { kernelNameAt } from "../../model/trace.ts";
import type { Nanoseconds } from "../../model/units.ts";
import type { WorkModel } from "../../model/work.ts";
import { kernelWork, type Unmodelled, type WorkUnit } from "./kernel-work.ts";
import { type ChosenRate, rateFor } from "./rates.ts";

/** A unit of work against its machine. */
export interface LimitedUnit extends WorkUnit {
  readonly chosen: ChosenRate | null;
  readonly boundBy: "compute" | "memory" | "link";
  /** Least time on the machine; null where the machine or a rate of it is not known. */
  readonly floorNs: number | null;
  readonly kernelNs: Nanoseconds;
}

export interface Limits {
  readonly machine: Machine | null;
  readonly units: readonly LimitedUnit[];
  readonly unmodelled: readonly Unmodelled[];
  /** Least time per GPU row, NaN where nothing tells it. Kernels of one call share its floor by their time. */
  readonly floorNs: Float64Array;
  /** Per GPU row: index into {@link units}, -1 without. */
  readonly unitOf: Int32Array;
}

/**
 * Every kernel's least time on its machine: the roofline of Williams, Waterman and Patterson
 * (Communications of the ACM 52, 2009), with the work of ops in place of counted operations.
 */
export function limitsOf(
  graph: KernelGraph,
  works: readonly WorkModel[],
  machine: Machine | null,
): Limits {
  const { units, unmodelled } = kernelWork(graph, works);
  const count = graph.trace.gpu.count;
  const floorNs = new Float64Array(count).fill(Number.NaN);
  const unitOf = new Int32Array(count).fill(-1);
  const limited = units.map((unit, at) => {
    const one = limitedUnit(graph, unit, machine);
    for (const row of unit.rows) {
      unitOf[row] = at;
      if (one.floorNs !== null)
        floorNs[row] = one.floorNs * shareOf(graph.trace.gpu.duration[row]!, one);
    }
    return one;
  });
  return { machine, units: limited, unmodelled, floorNs, unitOf };
}

const shareOf = (ns: Nanoseconds, { kernelNs, rows }: LimitedUnit): number =>
  kernelNs > 0 ? ns / kernelNs : 1 / rows.length;

function limitedUnit(graph: KernelGraph, unit: WorkUnit, machine: Machine | null): LimitedUnit {
  const { duration } = graph.trace.gpu;
  const kernelNs = unit.rows.reduce((sum, row) => sum + duration[row]!, 0);
  // A product may begin with a fill and end with a sum: whichever kernel tells the type counts.
  const names = unit.rows.map((row) => kernelNameAt(graph.trace, row).raw);
  const chosen =
    unit.rate === null || unit.flop === 0
      ? null
      : rateFor(machine, unit.rate.unit, unit.rate.type, names);
  const bandwidth =
    machine === null ? null : (unit.medium === "link" ? machine.link : machine.memory) * 1e9;
  const moving = bandwidth === null ? null : (unit.bytes / bandwidth) * 1e9;
  const computing = chosen === null ? 0 : chosen.perSecond && (unit.flop / chosen.perSecond) * 1e9;
  const isKnown = moving !== null && computing !== null;
  return {
    ...unit,
    chosen,
    kernelNs,
    boundBy: isKnown && computing > moving ? "compute" : unit.medium,
    floorNs: isKnown ? Math.max(moving, computing) : null,
  };
}
