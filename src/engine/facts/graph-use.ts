import type { Fact } from "../../model/facts.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";

/** From this share of GPU time on a stage counts as replayed: what stays outside is sampling and input copies. */
const REPLAYED_SHARE = 0.1;
/** Launches of this share of GPU time must be known before we say that nothing is replayed. */
const KNOWN_SHARE = 0.9;

/** Whether the stage's kernels run inside CUDA/HIP graph replays; null when too few launches are known. */
export function graphFact(graph: KernelGraph, stage: StageGraph): Fact | null {
  const { trace, launchOf, isReplay } = graph;
  let total = 0;
  let replayed = 0;
  let known = 0;
  for (const row of stage.events) {
    const duration = trace.gpu.duration[row]!;
    const launch = launchOf[row]!;
    const inGraph =
      // Recorders write node 0 of graph 0 where there is no graph.
      trace.gpu.graphNodeId[row]! > 0 || (launch >= 0 && isReplay[launch] === 1);
    total += duration;
    if (inGraph) replayed += duration;
    if (inGraph || launch >= 0) known += duration;
  }
  const share = `${Math.round((100 * replayed) / total)} % of GPU time is replayed`;
  if (replayed > 0 && replayed >= REPLAYED_SHARE * total) return { value: "on", from: share };
  if (total > 0 && known >= KNOWN_SHARE * total) return { value: "off", from: share };
  return null;
}
