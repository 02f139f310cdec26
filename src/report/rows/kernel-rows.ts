import { type KernelGraph, type StageGraph, VIA, type Via } from "../../model/kernel-graph.ts";
import type { KernelRow, KernelSite, Report } from "../../model/report.ts";
import { type Nanoseconds, percent, type Row, toUs } from "../../model/units.ts";

/**
 * The kernels of a stage by demangled name, each with the places that launched it. Every GPU event
 * of the stage is in exactly one row and one site, so both add up to the stage's GPU time.
 */
export function kernelRows(graph: KernelGraph, stage: StageGraph): readonly KernelRow[] {
  const { gpu, kernelNames } = graph.trace;
  const byName = new Map<string, KernelSum>();
  for (const row of stage.events) {
    const { demangled, short } = kernelNames[gpu.name[row]!]!;
    let sum = byName.get(demangled);
    if (sum === undefined) {
      sum = new KernelSum(demangled, short);
      byName.set(demangled, sum);
    }
    sum.add(graph, row);
  }
  const gpuTime = stageTime(graph, stage);
  return [...byName.values()].map((sum) => sum.row(graph, gpuTime));
}

/** Sum of the durations of a stage's GPU events; overlaps count twice. */
export function stageTime(graph: KernelGraph, stage: StageGraph): Nanoseconds {
  let total = 0;
  for (const row of stage.events) total += graph.trace.gpu.duration[row]!;
  return total;
}

/** How much of the GPU time of all stages has a place in the code, and how it was found. */
export function locatedShare(graph: KernelGraph): Report["located"] {
  const timeOf = Object.fromEntries(VIA.map((via) => [via, 0])) as Record<Via, Nanoseconds>;
  for (const stage of graph.stages)
    for (const row of stage.events)
      timeOf[VIA[graph.viaOf[row]!]!] += graph.trace.gpu.duration[row]!;
  const total = VIA.reduce((sum, via) => sum + timeOf[via], 0);
  const byMethod = Object.fromEntries(
    VIA.map((via) => [via, percent(timeOf[via], total)]),
  ) as Record<Via, number>;
  return { pct: percent(total - timeOf.none, total), byMethod };
}

interface SiteSum {
  readonly site: number;
  readonly via: Via;
  launches: number;
  time: Nanoseconds;
}

class KernelSum {
  readonly name: string;
  readonly shortName: string;
  #launches = 0;
  #time = 0;
  #shortest = Number.POSITIVE_INFINITY;
  #longest = 0;
  readonly #timeOfCategory = new Map<string, Nanoseconds>();
  readonly #sites = new Map<number, SiteSum>();

  constructor(name: string, shortName: string) {
    this.name = name;
    this.shortName = shortName;
  }

  add(graph: KernelGraph, row: Row): void {
    const duration = graph.trace.gpu.duration[row]!;
    this.#launches += 1;
    this.#time += duration;
    this.#shortest = Math.min(this.#shortest, duration);
    this.#longest = Math.max(this.#longest, duration);
    const { category } = graph.symbols[graph.symbolOf[row]!]!;
    this.#timeOfCategory.set(category, (this.#timeOfCategory.get(category) ?? 0) + duration);
    const key = graph.siteOf[row]! * VIA.length + graph.viaOf[row]!;
    let sum = this.#sites.get(key);
    if (sum === undefined) {
      sum = { site: graph.siteOf[row]!, via: VIA[graph.viaOf[row]!]!, launches: 0, time: 0 };
      this.#sites.set(key, sum);
    }
    sum.launches += 1;
    sum.time += duration;
  }

  row(graph: KernelGraph, gpuTime: Nanoseconds): KernelRow {
    return {
      name: this.name,
      shortName: this.shortName,
      category: mostTime(this.#timeOfCategory),
      totalUs: toUs(this.#time),
      sharePct: percent(this.#time, gpuTime),
      launches: this.#launches,
      avgUs: toUs(this.#time / this.#launches),
      minUs: toUs(this.#shortest),
      maxUs: toUs(this.#longest),
      sites: mergeSites(graph, [...this.#sites.values()]),
    };
  }
}

/** One name may serve several ends (a copy kernel that also casts): the row shows the main one. */
function mostTime(timeOf: ReadonlyMap<string, Nanoseconds>): string {
  const [first] = [...timeOf].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return first![0];
}

/** Sites that differ only in what the report does not show (instance numbers, shapes) are one. */
function mergeSites(graph: KernelGraph, sums: readonly SiteSum[]): readonly KernelSite[] {
  const merged = new Map<
    string,
    { shown: Omit<KernelSite, "launches" | "totalUs">; sum: SiteSum }
  >();
  for (const sum of sums) {
    const { location, fn, module, cpuOp } = graph.sites[sum.site]!;
    const shown = { location, function: fn, module, cpuOp, via: sum.via };
    const key = JSON.stringify(shown);
    const same = merged.get(key);
    if (same === undefined) merged.set(key, { shown, sum: { ...sum } });
    else {
      same.sum.launches += sum.launches;
      same.sum.time += sum.time;
    }
  }
  return [...merged.values()].map(({ shown, sum }) => ({
    ...shown,
    launches: sum.launches,
    totalUs: toUs(sum.time),
  }));
}
