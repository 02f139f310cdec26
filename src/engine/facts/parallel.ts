import type { Fact } from "../../model/facts.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import type { DistributedInfo } from "../../model/trace/trace.ts";

type ParallelFacts = Partial<Record<"tp" | "pp" | "dp" | "ep", Fact>>;

/** How engines describe a process group, where they describe it. */
const GROUP_NAMES: readonly (readonly [fact: keyof ParallelFacts, name: RegExp])[] = [
  ["tp", /^(tp|tensor[ _-]?(model[ _-]?)?parallel)\b|^tp[:_]/i],
  ["pp", /^(pp|pipeline[ _-]?(model[ _-]?)?parallel)\b|^pp[:_]/i],
  ["dp", /^(dp|data[ _-]?parallel)\b|^dp[:_]/i],
  ["ep", /^(ep|moe_ep|expert[ _-]?(model[ _-]?)?parallel)\b|^ep[:_]/i],
];

/** Kernels that sum over the ranks of one group. */
const ALL_REDUCE = /all_?reduce|cross_device_reduce/i;

/** Parallel sizes that the profiler's distributedInfo proves. */
export function distributedFacts(graph: KernelGraph, isServing: boolean): ParallelFacts {
  const info = graph.trace.metadata.distributed;
  if (info === null) return {};
  if (info.worldSize === 1) return soleRank();
  return { ...sizesByGroups(graph, info, isServing), ...namedGroups(info) };
}

function soleRank(): ParallelFacts {
  const fact: Fact = { value: 1, from: "distributedInfo world_size 1" };
  return { tp: fact, pp: fact, dp: fact, ep: fact };
}

function namedGroups(info: DistributedInfo): ParallelFacts {
  const facts: ParallelFacts = {};
  for (const [fact, pattern] of GROUP_NAMES) {
    const group = info.groups.find(({ name, desc }) => pattern.test(desc) || pattern.test(name));
    if (group === undefined || group.size === null) continue;
    const shown = pattern.test(group.desc) ? group.desc : group.name;
    facts[fact] = { value: group.size, from: `distributedInfo group "${shown}"` };
  }
  return facts;
}

/**
 * Engines create a group for every parallel dimension, so when all groups of more than one rank
 * hold the whole world, one dimension does; and what all-reduces in a forward pass is tensor
 * parallelism. A training run all-reduces gradients, so only serving engines count.
 */
function sizesByGroups(
  graph: KernelGraph,
  { worldSize, groups }: DistributedInfo,
  isServing: boolean,
): ParallelFacts {
  if (!isServing || worldSize === null || groups.length < 2) return {};
  const isWholeOrOne = groups.every(({ size }) => size === 1 || size === worldSize);
  const allReduces = graph.trace.kernelNames.some(({ raw }) => ALL_REDUCE.test(raw));
  if (!isWholeOrOne || !allReduces) return {};
  const from = `distributedInfo world_size ${worldSize}, its only group size, and all-reduce kernels`;
  return { tp: { value: worldSize, from }, pp: { value: 1, from } };
}
