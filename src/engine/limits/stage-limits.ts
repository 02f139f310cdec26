import { compareText } from "../../base/compare-text.ts";
import type { KernelLimit, Peaks, StageLimits, WorkRow } from "../../model/contracts/work-row.ts";
import type { Machine } from "../../model/machine.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import { percent, type Row, toUs } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";
import { kernelId } from "../tables/kernel-id.ts";
import { stageNs } from "../timeline/stage-time.ts";
import type { LimitedUnit, Limits } from "./index.ts";

/** Per op and shape what was done and how far from the limit, most time first. */
export function workRows(graph: KernelGraph, stage: StageGraph, limits: Limits): WorkRow[] {
  const groups = new Map<string, LimitedUnit[]>();
  for (const unit of unitsOf(stage, limits)) {
    const key = [
      unit.op,
      unit.model?.id,
      unit.dims,
      unit.types,
      unit.flop,
      unit.bytes,
      unit.shapesFrom,
      unit.isLeast === true,
      ...unit.assuming,
    ].join("\0");
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [unit]);
    else known.push(unit);
  }
  return [...groups.values()]
    .map((units) => workRow(graph, units, limits.machine))
    .sort(
      (a, b) => b.kernelUs - a.kernelUs || compareText(a.op, b.op) || compareText(a.dims, b.dims),
    );
}

/** Units of a stage; a call whose kernels fall into two stages belongs to that of its first. */
function* unitsOf({ events }: StageGraph, { units, unitOf }: Limits): Generator<LimitedUnit> {
  const seen = new Set<number>();
  for (const row of events) {
    const at = unitOf[row]!;
    if (at < 0 || seen.has(at)) continue;
    seen.add(at);
    if (units[at]!.rows[0] === row) yield units[at]!;
  }
}

function workRow(
  graph: KernelGraph,
  units: readonly LimitedUnit[],
  machine: Machine | null,
): WorkRow {
  const [first] = units as [LimitedUnit];
  const names = new Set<string>();
  let ns = 0;
  for (const { rows, kernelNs } of units) {
    ns += kernelNs;
    for (const row of rows) names.add(kernelNameAt(graph.trace, row).demangled);
  }
  const count = units.length;
  const floorNs = first.floorNs === null ? null : sum(units, ({ floorNs: floor }) => floor ?? 0);
  return {
    op: first.op,
    kernels: [...names].map(kernelId).sort(compareText),
    dims: first.dims,
    types: first.types,
    count,
    kernelUs: toUs(ns),
    flop: first.flop,
    bytes: first.bytes,
    rate: first.chosen?.type ?? (first.medium === "memory" ? "memory" : "link"),
    boundBy: first.boundBy,
    ...measured(ns, first.flop * count, first.bytes * count, floorNs),
    usualPctOfLimit: usualPct(units),
    atLeast: first.isLeast === true,
    fitsCache: first.boundBy === "memory" && cacheExplains(first, ns / count, machine),
    shapesFrom: first.shapesFrom,
    assuming: first.assuming,
    model: first.model?.id ?? null,
  };
}

/** All of it fits, or so much that the rest took no less than memory needs for it. */
function cacheExplains({ bytes }: LimitedUnit, ns: number, machine: Machine | null): boolean {
  if (machine === null) return false;
  const cached = (machine.cacheMiB ?? 0) * 2 ** 20;
  return (
    bytes <= cached || (bytes / machine.memory > ns && (bytes - cached) / machine.memory <= ns)
  );
}

function measured(ns: number, flop: number, bytes: number, floorNs: number | null) {
  const per = (amount: number): number => (ns > 0 ? amount / ns / 1000 : 0);
  return {
    tflops: per(flop),
    tbps: per(bytes),
    floorUs: floorNs === null ? null : toUs(floorNs),
    pctOfLimit: floorNs === null || ns === 0 ? null : percent(floorNs, ns),
    headroomUs: floorNs === null ? null : toUs(ns - floorNs),
  };
}

/** The share of the limit that the median call reaches. */
function usualPct(calls: readonly LimitedUnit[]): number | null {
  const shares: number[] = [];
  for (const { floorNs, kernelNs } of calls)
    if (floorNs !== null && kernelNs > 0) shares.push(percent(floorNs, kernelNs));
  return shares.length === 0 ? null : medianOf(shares);
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** How much of a stage is modelled and how far it is from its floor. */
export function stageLimits(
  graph: KernelGraph,
  stage: StageGraph,
  limits: Limits,
  rows: readonly WorkRow[],
): StageLimits {
  const { duration } = graph.trace.gpu;
  let ns = 0;
  let floorNs = 0;
  let leastNs = 0;
  for (const row of stage.events) {
    const at = limits.unitOf[row]!;
    if (at < 0) continue;
    ns += duration[row]!;
    if (limits.units[at]!.isLeast === true) leastNs += duration[row]!;
    floorNs += Number.isNaN(limits.floorNs[row]!) ? 0 : limits.floorNs[row]!;
  }
  const isKnown = limits.machine !== null;
  return {
    machine: limits.machine?.title ?? null,
    modelledPct: percent(ns, stageNs(graph, stage)),
    modelledUs: toUs(ns),
    floorUs: isKnown ? toUs(floorNs) : null,
    timesFloor: isKnown && floorNs > 0 ? ns / floorNs : null,
    atLeastUs: toUs(leastNs),
    contradictions: rows.filter(({ pctOfLimit }) => pctOfLimit !== null && pctOfLimit > 100).length,
    peaks: peaksOf(stage, limits),
    collectives: collectivesOf(rows),
    unmodelled: unmodelledTimes(graph, stage, limits),
  };
}

/** Roofs that some unit of the stage is held against. */
function peaksOf({ events }: StageGraph, { machine, units, unitOf }: Limits): Peaks | null {
  if (machine === null) return null;
  const rates = new Map<string, number>();
  for (const row of events) {
    const chosen = units[unitOf[row]!]?.chosen ?? null;
    if (chosen?.perSecond != null) rates.set(chosen.type, chosen.perSecond / 1e12);
  }
  return {
    memory: machine.memory / 1000,
    link: machine.link / 1000,
    compute: [...rates]
      .map(([rate, tflops]) => ({ rate, tflops }))
      .sort((a, b) => b.tflops - a.tflops || compareText(a.rate, b.rate)),
  };
}

function collectivesOf(rows: readonly WorkRow[]): StageLimits["collectives"] {
  // Copies of a GPU's own take a link, too, and wait for nobody.
  const mine = rows.filter(
    ({ boundBy, rate, op }) => boundBy === "link" && rate === "link" && !op.startsWith("copy "),
  );
  if (mine.length === 0) return null;
  const isKnown = mine.every(({ floorUs }) => floorUs !== null);
  return {
    us: sum(mine, ({ kernelUs }) => kernelUs),
    floorUs: isKnown ? sum(mine, ({ floorUs }) => floorUs!) : null,
  };
}

function unmodelledTimes(graph: KernelGraph, stage: StageGraph, { unmodelled }: Limits) {
  const here = new Set<Row>(stage.events);
  const times = new Map<string, number>();
  for (const { row, why } of unmodelled)
    if (here.has(row)) times.set(why, (times.get(why) ?? 0) + graph.trace.gpu.duration[row]!);
  return [...times]
    .sort(([a, x], [b, y]) => y - x || compareText(a, b))
    .map(([why, ns]) => ({ why, us: toUs(ns) }));
}

/** The limit of one kernel row over all its launches; null where the work of none is known. */
export function kernelLimit(
  graph: KernelGraph,
  rows: ArrayLike<Row>,
  limits: Limits,
): KernelLimit | null {
  const { duration } = graph.trace.gpu;
  let all = 0;
  let ns = 0;
  let flop = 0;
  let bytes = 0;
  let floorNs = 0;
  let atLeast = false;
  const calls: LimitedUnit[] = [];
  const bound = new Map<LimitedUnit["boundBy"], number>();
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const mine = duration[row]!;
    all += mine;
    const unit = limits.units[limits.unitOf[row]!];
    if (unit === undefined) continue;
    const share = unit.kernelNs > 0 ? mine / unit.kernelNs : 0;
    ns += mine;
    flop += unit.flop * share;
    bytes += unit.bytes * share;
    floorNs += (unit.floorNs ?? 0) * share;
    atLeast ||= unit.isLeast === true;
    calls.push(unit);
    bound.set(unit.boundBy, (bound.get(unit.boundBy) ?? 0) + mine);
  }
  if (bound.size === 0) return null;
  const [[boundBy]] = [...bound].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0])) as [
    [LimitedUnit["boundBy"], number],
  ];
  const known = limits.machine === null ? null : floorNs;
  return {
    modelledPct: percent(ns, all),
    boundBy,
    ...measured(ns, flop, bytes, known),
    usualPctOfLimit: usualPct(calls),
    atLeast,
  };
}
