import { compareText } from "../../base/compare-text.ts";
import type { KernelExplanation, Neighbour } from "../../model/contracts/row-explanation.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { gpuEnd, kernelNameAt } from "../../model/trace/trace.ts";
import { type Row, toUs } from "../../model/trace/units.ts";
import { StreamNeighbours } from "../overlap/dependency.ts";
import { medianOf } from "../spread.ts";

/** Neighbours told on each side, and kernels beside. */
const MOST = 5;

/** What stands before and after some entries of a stage on their stream, and how far away. */
export function neighboursOf(
  graph: KernelGraph,
  stage: StageGraph,
  entries: readonly number[],
): { readonly before: Neighbour[]; readonly after: Neighbour[] } {
  const { gpu } = graph.trace;
  const neighbours = new StreamNeighbours(graph, stage);
  const before = new Tally(graph);
  const after = new Tally(graph);
  for (const entry of entries) {
    const row = stage.events[entry]!;
    const found = neighbours.of(entry);
    before.add(
      found.before,
      found.before === null ? 0 : gpu.start[row]! - gpuEnd(gpu, found.before),
    );
    after.add(found.after, found.after === null ? 0 : gpu.start[found.after]! - gpuEnd(gpu, row));
  }
  return { before: before.most(), after: after.most() };
}

class Tally {
  readonly #gaps = new Map<string | null, number[]>();
  readonly #graph: KernelGraph;

  constructor(graph: KernelGraph) {
    this.#graph = graph;
  }

  add(row: Row | null, gap: number): void {
    const kernel = row === null ? null : kernelNameAt(this.#graph.trace, row).short;
    const known = this.#gaps.get(kernel);
    if (known === undefined) this.#gaps.set(kernel, [gap]);
    else known.push(gap);
  }

  most(): Neighbour[] {
    return [...this.#gaps]
      .sort(([a, x], [b, y]) => y.length - x.length || compareText(a ?? "", b ?? ""))
      .slice(0, MOST)
      .map(([kernel, gaps]) => ({
        kernel,
        times: gaps.length,
        medianGapUs: kernel === null ? null : toUs(medianOf(gaps)),
      }));
  }
}

/**
 * What of the stage ran at the same time as some of its entries, on other streams of their device.
 * One pass over the events with those that are still running.
 */
export function besideOf(
  graph: KernelGraph,
  stage: StageGraph,
  entries: readonly number[],
): KernelExplanation["beside"] {
  const { gpu, streams } = graph.trace;
  const isMine = new Set(entries.map((entry) => stage.events[entry]!));
  const found = new Map<string, { kernel: string; stream: string; times: number; ns: number }>();
  const meet = (mine: Row, other: Row): void => {
    const own = streams[gpu.stream[mine]!]!;
    const its = streams[gpu.stream[other]!]!;
    if (gpu.stream[mine] === gpu.stream[other] || own.device !== its.device) return;
    if (own.owner !== its.owner) return;
    const start = Math.max(gpu.start[mine]!, gpu.start[other]!);
    const ns = Math.min(gpuEnd(gpu, mine), gpuEnd(gpu, other)) - start;
    if (ns <= 0) return;
    const kernel = kernelNameAt(graph.trace, other).short;
    const key = JSON.stringify([kernel, its.stream]);
    const sum = found.get(key) ?? { kernel, stream: its.stream, times: 0, ns: 0 };
    found.set(key, { ...sum, times: sum.times + 1, ns: sum.ns + ns });
  };
  let running: Row[] = [];
  for (const row of stage.events) {
    running = running.filter((other) => gpuEnd(gpu, other) > gpu.start[row]!);
    for (const other of running) {
      if (isMine.has(row)) meet(row, other);
      if (isMine.has(other)) meet(other, row);
    }
    running.push(row);
  }
  return [...found]
    .sort(([keyA, a], [keyB, b]) => b.ns - a.ns || compareText(keyA, keyB))
    .slice(0, MOST)
    .map(([, { kernel, stream, times, ns }]) => ({ kernel, stream, times, sharedUs: toUs(ns) }));
}
