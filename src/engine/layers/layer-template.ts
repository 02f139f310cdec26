import type { LayerKernel, LayerReport } from "../../model/contracts/report.ts";
import type { KernelGraph, LayerPlan, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import { toUs } from "../../model/trace/units.ts";
import { Groups, spreadOf } from "../spread.ts";
import { kernelId } from "../tables/kernel-id.ts";

/**
 * What stands at every position of a stage's layers: the kernel most often there, how long it takes
 * over layers and steps, and how long its lane waits before it. Linear in the stage's events.
 */
export function layerTemplate(
  graph: KernelGraph,
  stage: StageGraph,
  layers: LayerPlan,
): readonly LayerKernel[] {
  const { gpu } = graph.trace;
  const names = layers.template.map(({ symbol }) => graph.symbols[symbol]!.name);
  const { launches, others, lane } = countPositions(graph, stage, layers, names);
  const durations = new Groups(launches);
  const gaps = new Groups(launches);
  let lastEnd = Number.NaN;
  for (let entry = 0; entry < stage.events.length; entry++) {
    const row = stage.events[entry]!;
    if (gpu.stream[row] !== lane) continue;
    const position = layers.positionOf[entry]!;
    if (position >= 0 && gpu.name[row] === names[position]) {
      durations.add(position, gpu.duration[row]!);
      if (!Number.isNaN(lastEnd)) gaps.add(position, gpu.start[row]! - lastEnd);
    }
    lastEnd = gpuEnd(gpu, row);
  }
  return layers.template.map(({ symbol: index }, position) => {
    const symbol = graph.symbols[index]!;
    const site = graph.sites[symbol.site]!;
    const name = graph.trace.kernelNames[symbol.name]!;
    const times = durations.of(position);
    return {
      position,
      lane: laneName(graph, lane),
      kernel: name.demangled,
      shortName: name.short,
      category: symbol.category,
      categoryFrom: symbol.categoryFrom,
      role: symbol.role,
      roleFrom: symbol.roleFrom,
      roleGround: symbol.roleGround,
      module: site.module,
      location: site.location,
      launches: launches[position]!,
      otherLaunches: others[position]!,
      avgUs: toUs(times.reduce((sum, ns) => sum + ns, 0) / Math.max(times.length, 1)),
      ...spreadOf(times),
      gapBefore: spreadOf(gaps.of(position)),
    };
  });
}

/** The layer as other tools read it. */
export function layerReport(
  { count, period }: Pick<LayerPlan, "count" | "period">,
  template: readonly LayerKernel[],
): LayerReport {
  return {
    count,
    period,
    rows: template.map(({ location, module, ...row }) => ({
      position: row.position,
      kernel: row.kernel,
      id: kernelId(row.kernel),
      category: row.category,
      categoryFrom: row.categoryFrom,
      role: row.role,
      roleFrom: row.roleFrom,
      roleGround: row.roleGround,
      medianUs: row.medianUs,
      gapUs: row.gapBefore.medianUs,
      site: location === null && module === null ? null : { location, module },
    })),
  };
}

/** Launches of the position's own kernel and of others, and the stream all layers lie on. */
function countPositions(
  { trace: { gpu } }: KernelGraph,
  { events }: StageGraph,
  { period, positionOf }: LayerPlan,
  names: readonly number[],
): { launches: Uint32Array; others: Uint32Array; lane: number } {
  const launches = new Uint32Array(period);
  const others = new Uint32Array(period);
  let lane = -1;
  for (let entry = 0; entry < events.length; entry++) {
    const position = positionOf[entry]!;
    if (position < 0) continue;
    const row = events[entry]!;
    lane = gpu.stream[row]!;
    const counts = gpu.name[row] === names[position] ? launches : others;
    counts[position]!++;
  }
  return { launches, others, lane };
}

/** "7", and "0:7" where the trace has several devices. */
function laneName({ trace: { streams } }: KernelGraph, lane: number): string {
  const { device, stream } = streams[lane]!;
  return streams.every((other) => other.device === device) ? stream : `${device}:${stream}`;
}
