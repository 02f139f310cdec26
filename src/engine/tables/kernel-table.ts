import { compareText } from "../../base/compare-text.ts";
import type { KernelPerStep, KernelRow, KernelSite } from "../../model/contracts/report.ts";
import {
  type KernelGraph,
  type StageGraph,
  VIA,
  type Via,
} from "../../model/trace/kernel-graph.ts";
import { type Nanoseconds, percent, toUs } from "../../model/trace/units.ts";
import type { Limits } from "../limits/index.ts";
import { kernelLimit } from "../limits/stage-limits.ts";
import { spreadOfOrdered } from "../spread.ts";
import { stageNs } from "../timeline/stage-time.ts";
import { kernelEntries } from "./kernel-entries.ts";
import { kernelId } from "./kernel-id.ts";
import { kernelRoles } from "./kernel-roles.ts";
import { kernelsPerStep } from "./kernel-steps.ts";
import { TimeBy } from "./time-by.ts";

/**
 * The kernels of a stage by demangled name, the longest time first, then by name. Totals over the
 * rows are the stage's GPU time: nothing is dropped or merged away.
 */
export function kernelRows(
  graph: KernelGraph,
  stage: StageGraph,
  limits: Limits | null = null,
): KernelRow[] {
  const totalNs = stageNs(graph, stage);
  const perStep = kernelsPerStep(graph, stage);
  return kernelEntries(graph, stage)
    .map(({ name, entries }) => {
      const rows = rowsAt(stage, entries);
      return kernelRow(graph, name, rows, { totalNs, perStep: perStep(rows), limits });
    })
    .sort((a, b) => b.totalUs - a.totalUs || compareText(a.name, b.name));
}

/** GPU rows of a stage's entries. */
function rowsAt({ events }: StageGraph, entries: Uint32Array): Uint32Array {
  const rows = new Uint32Array(entries.length);
  for (let at = 0; at < rows.length; at++) rows[at] = events[entries[at]!]!;
  return rows;
}

function kernelRow(
  graph: KernelGraph,
  name: string,
  rows: Uint32Array,
  {
    totalNs,
    perStep,
    limits,
  }: { totalNs: Nanoseconds; perStep: KernelPerStep | null; limits: Limits | null },
): KernelRow {
  const { gpu, kernelNames } = graph.trace;
  let total = 0;
  const times = new Float64Array(rows.length);
  const byCategory = new TimeBy<string>();
  const fromOf = new Map<string, KernelRow["categoryFrom"]>();
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const ns = gpu.duration[row]!;
    times[at] = ns;
    total += ns;
    const { category, categoryFrom } = graph.symbols[graph.symbolOf[row]!]!;
    byCategory.add(category, ns);
    if (!fromOf.has(category)) fromOf.set(category, categoryFrom);
  }
  times.sort();
  // One name is one category unless its op or scope says otherwise; then most of its time decides.
  const [category] = byCategory.ranked()[0]!;
  return {
    id: kernelId(name),
    name,
    shortName: kernelNames[gpu.name[rows[0]!]!]!.short,
    category,
    categoryFrom: fromOf.get(category) ?? null,
    ...kernelRoles(graph, rows),
    totalUs: toUs(total),
    sharePct: percent(total, totalNs),
    launches: rows.length,
    avgUs: toUs(total / rows.length),
    minUs: toUs(times[0]!),
    maxUs: toUs(times.at(-1)!),
    ...spreadOfOrdered(times),
    perStep,
    limit: limits === null ? null : kernelLimit(graph, rows, limits),
    sites: kernelSites(graph, rows),
  };
}

/** Sites of one kernel, the one with most time first. */
function kernelSites(graph: KernelGraph, rows: Uint32Array): KernelSite[] {
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
    .sort(([keyA, a], [keyB, b]) => b.ns - a.ns || compareText(keyA, keyB))
    .map(([, { site, rows: launches, ns }]) => ({ ...site, launches, totalUs: toUs(ns) }));
}

/** Launches and time by (site, via), so that texts are looked at once per site, not per launch. */
function sumsBySite(
  graph: KernelGraph,
  rows: Uint32Array,
): ReadonlyMap<number, { rows: number; ns: Nanoseconds }> {
  const sums = new Map<number, { rows: number; ns: Nanoseconds }>();
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
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
