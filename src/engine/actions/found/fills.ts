import { compareText } from "../../../base/compare-text.ts";
import { GPU_KIND, kernelNameAt } from "../../../model/trace/trace.ts";
import type { Row } from "../../../model/trace/units.ts";
import { withoutKernels } from "../../retime/chains.ts";
import { type Candidate, type StageEvidence, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** Kernels that write their whole output by themselves; a product that adds up partial sums does not. */
const WRITES_ALL: ReadonlySet<string> = new Set([
  "attention",
  "linear-attention",
  "norm",
  "activation",
]);

/**
 * Buffers filled right before a kernel that writes all of its output, layer after layer: one
 * candidate per kernel. Whether it is the output that is filled the trace does not tell.
 */
export function fillCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { graph, stage } = evidence;
  const { trace } = graph;
  const byNext = new Map<string, { fills: Row[]; next: Row }>();
  const last = new Map<number, Row>();
  for (const row of stage.events) {
    const stream = trace.gpu.stream[row]!;
    const before = last.get(stream);
    last.set(stream, row);
    if (before === undefined || !isFill(evidence, before)) continue;
    if (!WRITES_ALL.has(graph.symbols[graph.symbolOf[row]!]!.category)) continue;
    const { demangled } = kernelNameAt(trace, row);
    const known = byNext.get(demangled) ?? { fills: [], next: row };
    known.fills.push(before);
    byNext.set(demangled, known);
  }
  return [...byNext]
    .filter(([, { fills }]) => fills.length > Math.max(1, stage.steps.length))
    .sort((a, b) => compareText(a[0], b[0]))
    .map(([name, { fills, next }]): Candidate => {
      const chains = fills.map((row) => ({ rows: [row], gone: new Set([row]) }));
      return {
        kind: "copies",
        key: `fill before ${name}`,
        title: `A buffer is filled ${fills.length} times right before ${kernelNameAt(trace, next).short}`,
        do: "Drop the fill where the kernel overwrites the whole buffer: allocate with empty instead of zeros.",
        where: placesOf(graph, fills),
        proof: "assumed",
        assuming: ["the kernel overwrites what was filled"],
        ...WITHOUT_RULE,
        rows: new Set(fills),
        change: (isFree) => withoutKernels(chains, isFree),
        idleNs: Number.POSITIVE_INFINITY,
      };
    });
}

/** True for what only writes one value: a fill of the copy engine, or a kernel that does so. */
export function isFill({ graph }: StageEvidence, row: Row): boolean {
  if (graph.trace.gpu.kind[row] === GPU_KIND.fill) return true;
  return graph.symbols[graph.symbolOf[row]!]!.category === "fill";
}
