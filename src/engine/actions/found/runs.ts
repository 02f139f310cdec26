import { compareText } from "../../../base/compare-text.ts";
import type { KernelSymbol } from "../../../model/trace/kernel-graph.ts";
import { GPU_KIND } from "../../../model/trace/trace.ts";
import type { Row } from "../../../model/trace/units.ts";
import type { SmallRuns } from "../../ledger/small-runs.ts";
import { keepLongest, withoutKernels } from "../../retime/chains.ts";
import { medianOf } from "../../spread.ts";
import { type Candidate, type StageEvidence, timeWords, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/**
 * Runs of small kernels that no rule claims: one kernel in place of each run.
 *
 * @param idleIsCounted the gaps between them are what another action takes away
 */
export function runCandidates(
  evidence: StageEvidence,
  idleIsCounted: boolean,
): readonly Candidate[] {
  const { graph, smallRuns } = evidence;
  return smallRuns.filter(recurs(evidence)).map((runs): Candidate => {
    const chains = runs.runs.map((run) => keepLongest(graph.trace.gpu.duration, run));
    const gone = new Set(chains.flatMap((chain) => [...chain.gone]));
    const all = runs.runs.flat();
    const time = timeWords(runs.kernelNs);
    return {
      kind: "small-kernels",
      key: runs.key,
      title: `${medianOf(runs.runs.map((run) => run.length))} small kernels in a row ${betweenText(evidence, runs)}, ${runs.runs.length} times`,
      do: `Write each run as one kernel (a Triton kernel, or torch.compile around it). ${all.length} launches take ${time(runs.kernelNs)} with ${time(runs.gapNs)} between them: ${mixText(evidence, all)}.`,
      where: placesOf(graph, all),
      proof: "trace",
      assuming: [],
      ...WITHOUT_RULE,
      rows: gone,
      change: (isFree) => withoutKernels(chains, isFree),
      idleNs: idleIsCounted ? 0 : runs.gapNs,
    };
  });
}

/** What occurs once a step is the step's own preparation, which waits for the host anyway. */
function recurs({ stage }: StageEvidence): (runs: SmallRuns) => boolean {
  return ({ runs }) => runs.length > Math.max(1, stage.steps.length);
}

function betweenText(
  { graph: { trace } }: StageEvidence,
  { before, after, others }: SmallRuns,
): string {
  const short = (name: string): string =>
    trace.kernelNames.find(({ demangled }) => demangled === name)?.short ?? name;
  const more = others === 0 ? "" : ` (or ${others} more of their kind)`;
  if (before === null) return after === null ? "in a step" : `before ${short(after)}${more}`;
  return after === null
    ? `after ${short(before)}${more}`
    : `between ${short(before)} and ${short(after)}${more}`;
}

/** "12 elementwise, 6 copies, 3 fills". */
function mixText({ graph }: StageEvidence, rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const kind = graph.trace.gpu.kind[row];
    const what =
      kind === GPU_KIND.copy
        ? "copy"
        : kind === GPU_KIND.fill
          ? "fill"
          : kindOf(graph.symbols[graph.symbolOf[row]!]!);
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
}

/** Adapters and metadata are told by what they are for. */
function kindOf({ role, category }: KernelSymbol): string {
  return role === "metadata" || role === "lora" ? role : category;
}
