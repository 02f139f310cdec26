import { type KernelGraph, type StageGraph, VIA, type Via } from "../model/kernel-graph.ts";
import type { KernelRow, KernelSite } from "../model/report.ts";
import { type Nanoseconds, percent, type Row, toUs } from "../model/units.ts";
import { spreadOfOrdered } from "./spread.ts";

/**
 * The kernels of a stage by demangled name, the longest time first, then by name. Totals over the
 * rows are the stage's GPU time: nothing is dropped or merged away.
 */
export function kernelRows(graph: KernelGraph, stage: StageGraph): KernelRow[] {
  const { gpu, kernelNames } = graph.trace;
  const byName = new Map<string, Row[]>();
  let stageNs: Nanoseconds = 0;
  for (const row of stage.events) {
    const name = kernelNames[gpu.name[row]!]!.demangled;
    const rows = byName.get(name);
    if (rows === undefined) byName.set(name, [row]);
    else rows.push(row);
    stageNs += gpu.duration[row]!;
  }
  return [...byName]
    .map(([name, rows]) => kernelRow(graph, name, rows, stageNs))
    .sort((a, b) => b.totalUs - a.totalUs || compare(a.name, b.name));
}

function kernelRow(
  graph: KernelGraph,
  name: string,
  rows: readonly Row[],
  stageNs: Nanoseconds,
): KernelRow {
  const { gpu, kernelNames } = graph.trace;
  let total = 0;
  const times = Float64Array.from(rows, (row) => gpu.duration[row]!).sort();
  const byCategory = new Map<string, Nanoseconds>();
  for (const row of rows) {
    const ns = gpu.duration[row]!;
    total += ns;
    const { category } = graph.symbols[graph.symbolOf[row]!]!;
    byCategory.set(category, (byCategory.get(category) ?? 0) + ns);
  }
  // One name is one category unless its op or scope says otherwise; then most of its time decides.
  const [category] = [...byCategory].reduce((a, b) =>
    b[1] > a[1] || (b[1] === a[1] && compare(b[0], a[0]) < 0) ? b : a,
  );
  return {
    name,
    shortName: kernelNames[gpu.name[rows[0]!]!]!.short,
    category,
    totalUs: toUs(total),
    sharePct: percent(total, stageNs),
    launches: rows.length,
    avgUs: toUs(total / rows.length),
    minUs: toUs(times[0]!),
    maxUs: toUs(times.at(-1)!),
    ...spreadOfOrdered(times),
    sites: kernelSites(graph, rows),
  };
}

/** Sites of one kernel, the one with most time first. */
function kernelSites(graph: KernelGraph, rows: readonly Row[]): KernelSite[] {
  const found = new Map<
    string,
    { site: Omit<KernelSite, "launches" | "totalUs">; rows: number; ns: Nanoseconds }
  >();
  for (const [code, sum] of sumsBySite(graph, rows)) {
    const { location, fn, module, cpuOp } = graph.sites[Math.floor(code / VIA.length)]!;
    const via = VIA[code % VIA.length]!;
    const key = JSON.stringify([location, fn, module, cpuOp, via]);
    const known = found.get(key) ?? {
      site: { location, function: fn, module, cpuOp, via },
      rows: 0,
      ns: 0,
    };
    known.rows += sum.rows;
    known.ns += sum.ns;
    found.set(key, known);
  }
  return [...found]
    .sort(([keyA, a], [keyB, b]) => b.ns - a.ns || compare(keyA, keyB))
    .map(([, { site, rows: launches, ns }]) => ({ ...site, launches, totalUs: toUs(ns) }));
}

/** Launches and time by (site, via), so that texts are looked at once per site, not per launch. */
function sumsBySite(
  graph: KernelGraph,
  rows: readonly Row[],
): ReadonlyMap<number, { rows: number; ns: Nanoseconds }> {
  const sums = new Map<number, { rows: number; ns: Nanoseconds }>();
  for (const row of rows) {
    const code = graph.siteOf[row]! * VIA.length + graph.viaOf[row]!;
    const sum = sums.get(code);
    const ns = graph.trace.gpu.duration[row]!;
    if (sum === undefined) sums.set(code, { rows: 1, ns });
    else {
      sum.rows++;
      sum.ns += ns;
    }
  }
  return sums;
}

/**
 * Share of GPU time (percent) whose place in the code is known, in all and by how it was found. A
 * kernel of which only the CPU op is known has no place in the code: it counts as `none`.
 */
export function located(graph: KernelGraph): {
  readonly pct: number;
  readonly byMethod: Readonly<Record<Via, number>>;
} {
  const { gpu } = graph.trace;
  const ns = VIA.map(() => 0);
  let total = 0;
  for (let row = 0; row < gpu.count; row++) {
    const hasPlace = graph.sites[graph.siteOf[row]!]!.location !== null;
    ns[hasPlace ? graph.viaOf[row]! : 0]! += gpu.duration[row]!;
    total += gpu.duration[row]!;
  }
  const shares = VIA.map((via, code) => [via, percent(ns[code]!, total)] as const);
  const byMethod = Object.fromEntries(shares) as Record<Via, number>;
  return { pct: total === 0 ? 0 : 100 - byMethod.none, byMethod };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
