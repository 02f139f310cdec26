import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";

/** All launches of one kernel in a stage. */
export interface KernelEntries {
  /** Demangled: kernels that differ in their raw spelling alone are one. */
  readonly name: string;
  /** Positions in `StageGraph.events`, ascending. */
  readonly entries: Uint32Array;
}

/** The events of a stage by demangled name, in order of first sight; counted first, filled after. */
export function kernelEntries(
  { trace: { gpu, kernelNames } }: KernelGraph,
  { events }: StageGraph,
): readonly KernelEntries[] {
  const groups = new Map<string, number>();
  const groupOfName = new Int32Array(kernelNames.length).fill(-1);
  const sizes: number[] = [];
  for (let entry = 0; entry < events.length; entry++) {
    const name = gpu.name[events[entry]!]!;
    let group = groupOfName[name]!;
    if (group < 0) {
      const { demangled } = kernelNames[name]!;
      group = groups.get(demangled) ?? sizes.push(0) - 1;
      groups.set(demangled, group);
      groupOfName[name] = group;
    }
    sizes[group]!++;
  }
  const entriesOf = sizes.map((size) => new Uint32Array(size));
  const next = new Uint32Array(sizes.length);
  for (let entry = 0; entry < events.length; entry++) {
    const group = groupOfName[gpu.name[events[entry]!]!]!;
    entriesOf[group]![next[group]!++] = entry;
  }
  return [...groups].map(([name, group]) => ({ name, entries: entriesOf[group]! }));
}
