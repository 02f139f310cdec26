import type { KernelGraph, LayerPlan, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd } from "../../model/trace/trace.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";

/** A stretch of a stage that could stand for the whole of it. */
interface Candidate {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** Number of the layer in its forward pass; null for a stretch of a stage without layers. */
  readonly layer: number | null;
  /** Index into the graph's steps, -1 when no step launched it. */
  readonly step: number;
}

/** Events of a stretch where nothing repeats: about the kernels of a few layers. */
const STRETCH = 120;

/**
 * The layer of median duration, of equal ones the earliest; without layers, of all runs of
 * {@link STRETCH} consecutive events the one of median duration. A median is a layer that
 * happened, and neither the first one, which waits for the host, nor one with a hole in it.
 *
 * @returns null for a stage without events.
 */
export function chooseExcerpt(graph: KernelGraph, stage: StageGraph): Candidate | null {
  const candidates =
    stage.layers === null ? stretches(graph, stage) : layers(graph, stage, stage.layers);
  const ordered = candidates.toSorted(
    (a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start,
  );
  return ordered[(ordered.length - 1) >> 1] ?? null;
}

function layers(
  { trace: { gpu }, stepOf }: KernelGraph,
  { events }: StageGraph,
  { period, layerOf, positionOf }: LayerPlan,
): readonly Candidate[] {
  const found: Candidate[] = [];
  // Steps may interleave on the GPU; within one, a layer is told from its first to its last kernel.
  const openStarts = new Map<number, Nanoseconds>();
  for (let entry = 0; entry < events.length; entry++) {
    const position = positionOf[entry]!;
    if (position < 0) continue;
    const row = events[entry]!;
    const step = stepOf[row]!;
    if (position === 0) openStarts.set(step, gpu.start[row]!);
    const start = openStarts.get(step);
    if (position === period - 1 && start !== undefined)
      found.push({ start, end: gpuEnd(gpu, row), layer: layerOf[entry]!, step });
  }
  return found;
}

function stretches(
  { trace: { gpu }, stepOf }: KernelGraph,
  { events }: StageGraph,
): readonly Candidate[] {
  const found: Candidate[] = [];
  for (let first = 0; first < events.length; first += STRETCH) {
    // What is left at the end is no stretch of its own, unless it is all there is.
    if (first > 0 && first + STRETCH > events.length) break;
    const rows = events.subarray(first, first + STRETCH);
    const end = rows.reduce((latest, row) => Math.max(latest, gpuEnd(gpu, row)), 0);
    found.push({ start: gpu.start[rows[0]!]!, end, layer: null, step: stepOf[rows[0]!]! });
  }
  return found;
}
