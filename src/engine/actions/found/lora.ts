import type { Row } from "../../../model/trace/units.ts";
import { closingNs, keepLongest, withoutKernels } from "../../retime/chains.ts";
import { type Candidate, type StageEvidence, timeWords, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** Adapters beside the products of each layer: shrink and expand launches, as one candidate. */
export function loraCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { graph, stage, ruled } = evidence;
  const { gpu } = graph.trace;
  const chains: Row[][] = [];
  /** Per stream the adapter that is being followed; what clears or copies its buffer belongs to it. */
  const open = new Map<number, Row[]>();
  for (const row of stage.events) {
    const stream = gpu.stream[row]!;
    const { role, category } = graph.symbols[graph.symbolOf[row]!]!;
    const chain = open.get(stream);
    if (role === "lora" && !ruled.has(row)) {
      if (chain === undefined) {
        const mine = [row];
        open.set(stream, mine);
        chains.push(mine);
      } else chain.push(row);
    } else if (chain !== undefined && category !== "fill" && category !== "copy")
      open.delete(stream);
  }
  if (chains.length <= Math.max(1, stage.steps.length)) return [];
  const rows = chains.flat();
  const ns = rows.reduce((sum, row) => sum + gpu.duration[row]!, 0);
  const kept = chains.map((chain) => keepLongest(gpu.duration, chain));
  return [
    {
      kind: "small-kernels",
      key: "lora",
      title: `LoRA adapters take ${rows.length} launches, ${timeWords(ns)(ns)}, beside ${chains.length} products`,
      do: "Where one adapter serves, merge it into the weights; else let one kernel shrink and expand, and take the base product's epilogue for the sum.",
      where: placesOf(graph, rows),
      proof: "trace",
      assuming: [],
      ...WITHOUT_RULE,
      rows: new Set(rows),
      change: (isFree) => withoutKernels(kept, isFree),
      idleNs: closingNs(kept, gpu),
    },
  ];
}
