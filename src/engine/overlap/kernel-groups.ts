import { compareText } from "../../base/compare-text.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";
import { type KernelEntries, kernelEntries } from "../tables/kernel-entries.ts";
import type { Exposure } from "./exposure.ts";
import { type Work, workOf } from "./work-kind.ts";

/** All launches of one kernel in a stage, and how exposed they are. */
export interface KernelGroup extends KernelEntries {
  readonly shortName: string;
  readonly category: string;
  readonly work: Work;
  readonly totalNs: Nanoseconds;
  readonly exclusiveNs: Nanoseconds;
  readonly hiddenNs: Nanoseconds;
}

/** Kernels of a stage by demangled name, most time first. */
export function kernelGroups(
  graph: KernelGraph,
  stage: StageGraph,
  { exclusive }: Exposure,
): readonly KernelGroup[] {
  const { gpu, kernelNames } = graph.trace;
  return kernelEntries(graph, stage)
    .map(({ name, entries }): KernelGroup => {
      const first = stage.events[entries[0]!]!;
      let totalNs = 0;
      let exclusiveNs = 0;
      for (const entry of entries) {
        totalNs += gpu.duration[stage.events[entry]!]!;
        exclusiveNs += exclusive[entry]!;
      }
      return {
        name,
        shortName: kernelNames[gpu.name[first]!]!.short,
        category: graph.symbols[graph.symbolOf[first]!]!.category,
        work: workOf(graph, first),
        entries,
        totalNs,
        exclusiveNs,
        hiddenNs: totalNs - exclusiveNs,
      };
    })
    .sort((a, b) => b.totalNs - a.totalNs || compareText(a.name, b.name));
}
