import type { Machine } from "../../model/machine.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import { type Nanoseconds, toUs } from "../../model/trace/units.ts";
import type { WorkModel } from "../../model/work.ts";
import type { AssumedWork } from "../model-config/assumed-work.ts";
import { kernelWork, shapeKey, type Unmodelled, type WorkUnit } from "./kernel-work.ts";
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
  /** What says that a model's configuration is another model's; empty where it fits or none was given. */
  readonly refused: readonly string[];
}

/**
 * Every kernel's least time on its machine: the roofline of Williams, Waterman and Patterson
 * (Communications of the ACM 52, 2009), with the work of ops in place of counted operations.
 */
export function limitsOf(
  graph: KernelGraph,
  works: readonly WorkModel[],
  machine: Machine | null,
  assumed: AssumedWork | null = null,
): Limits {
  const limits = limitsWith(graph, works, machine, assumed);
  const refuted = refutedShapes(limits);
  const changed = assumed && correctedBy(limits, assumed);
  return refuted.size === 0 && changed === assumed
    ? limits
    : limitsWith(graph, works, machine, changed, refuted);
}

/** What the measured times leave of a model's configuration. */
function correctedBy(limits: Limits, assumed: AssumedWork): AssumedWork {
  if (assumed.refused.length > 0) return assumed;
  const refused = impossible(limits, PRODUCT).map(
    ({ floor, ns, unit }) =>
      `products of ${unit.dims} took ${toUs(ns)} us, at least ${toUs(Math.round(floor))} are needed (${unit.assuming[0]})`,
  );
  if (refused.length > 0) return { ...assumed, refused };
  // How many experts are met is chance: what the trace refutes is that, not the configuration.
  const shares = impossible(limits, EXPERTS).map(({ floor, ns }) => ns / floor);
  return shares.length === 0 ? assumed : { ...assumed, mostExperts: Math.min(...shares) };
}

const PRODUCT = /^aten::(_scaled_)?mm$/;
const EXPERTS = /^model_config::experts/;

/**
 * Assumed work that would have taken less time than the machine needs at least. All calls of one
 * shape together, so that a short launch alone proves nothing.
 */
function impossible({ units }: Limits, ops: RegExp) {
  const sums = new Map<string, { floor: number; ns: number; unit: LimitedUnit }>();
  for (const unit of units) {
    if (unit.shapesFrom !== "model-config" || !ops.test(unit.op)) continue;
    const key = `${unit.op} ${unit.dims} ${unit.types}`;
    const known = sums.get(key);
    const floor = (known?.floor ?? 0) + (unit.floorNs ?? 0);
    sums.set(key, { floor, ns: (known?.ns ?? 0) + unit.kernelNs, unit });
  }
  return [...sums.values()].filter(({ floor, ns }) => floor > ns);
}

/**
 * Where evenly chosen experts would have taken longer to read than the kernels of a shape ran, that
 * assumption is refuted: those that one token chooses are all that is certain.
 *
 * @returns by {@link shapeKey} the share of evenly chosen ones that can have been read in that time
 */
function refutedShapes({ units }: Limits): ReadonlyMap<string, number> {
  const sums = new Map<string, { floor: number; ns: number }>();
  for (const unit of units) {
    if (!unit.assuming.includes(EVENLY) || unit.shapesFrom === "model-config") continue;
    const key = shapeKey(unit);
    const known = sums.get(key) ?? { floor: 0, ns: 0 };
    sums.set(key, { floor: known.floor + (unit.floorNs ?? 0), ns: known.ns + unit.kernelNs });
  }
  return new Map(
    [...sums].flatMap(([key, { floor, ns }]) => (floor > ns ? [[key, ns / floor] as const] : [])),
  );
}

/** As models of experts write it. */
const EVENLY = "tokens choose their experts evenly";

function limitsWith(
  graph: KernelGraph,
  works: readonly WorkModel[],
  machine: Machine | null,
  assumed: AssumedWork | null,
  refuted?: ReadonlyMap<string, number>,
): Limits {
  const { units, unmodelled } = kernelWork(graph, works, assumed, refuted);
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
  return {
    machine,
    units: limited,
    unmodelled,
    floorNs,
    unitOf,
    refused: assumed?.refused ?? [],
  };
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
  const gbps = bandwidthOf(machine, unit.medium);
  const moving = gbps === null ? null : (unit.crossing ?? unit.bytes) / gbps;
  const computing = chosen === null ? 0 : chosen.perSecond && (unit.flop / chosen.perSecond) * 1e9;
  const isKnown = moving !== null && computing !== null;
  return {
    ...unit,
    chosen,
    kernelNs,
    boundBy:
      isKnown && computing > moving ? "compute" : unit.medium === "memory" ? "memory" : "link",
    floorNs: isKnown ? Math.max(moving, computing) : null,
  };
}

/** GB/s of what a unit moves its bytes through; null where that is not known. */
export function bandwidthOf(machine: Machine | null, medium: WorkUnit["medium"]): number | null {
  if (machine === null) return null;
  return medium === "link"
    ? machine.link
    : medium === "host"
      ? (machine.host ?? null)
      : machine.memory;
}
