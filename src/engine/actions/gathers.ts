import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import { NO_ROW, type Row } from "../../model/trace/units.ts";
import { WORK, workOf } from "../overlap/work-kind.ts";
import { type Candidate, type StageEvidence, WITHOUT_RULE } from "./candidate.ts";
import { isFill } from "./found/fills.ts";
import { placesOf } from "./places.ts";

/** An all-reduce sends everything round twice: once to add up, once to hand out. */
const HALF = 0.5;

/** What an all-reduce is used for besides adding up. */
type Use = "gather" | "scatter";

const SAY: Readonly<Record<Use, { readonly title: string; readonly remedy: string }>> = {
  gather: {
    title: "gathers: a buffer is cleared and one part copied in before it",
    remedy: "an all-gather of the parts moves half as much and needs no cleared buffer",
  },
  scatter: {
    title: "scatters: one part is copied out behind it",
    remedy: "a reduce-scatter hands each rank its own part and moves half as much",
  },
};

/**
 * All-reduces that do what half of one does. Into a cleared buffer of which each rank fills a part
 * they gather; where each rank takes its part out behind them, into a cleared buffer, they scatter.
 * Both is how attention in data parallelism passes tokens to experts in tensor parallelism. One
 * candidate per use.
 */
export function gatherCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { graph, stage } = evidence;
  const { duration } = graph.trace.gpu;
  return usesOf(evidence).flatMap(({ use, found }): Candidate[] => {
    if (found.length <= Math.max(1, stage.steps.length)) return [];
    const reduces = found.map(({ reduce }) => reduce);
    const fills = found.map(({ fill }) => fill);
    const { short } = kernelNameAt(graph.trace, reduces[0]!);
    const { title, remedy } = SAY[use];
    return [
      {
        kind: "overlap",
        key: `all-reduce ${use}`,
        title: `${short} ${title}, ${found.length} times`,
        do: `It is no sum that a norm could take along: ${remedy}.${switchText(evidence, use)}`,
        where: placesOf(graph, reduces),
        proof: "assumed",
        assuming: ["time goes with the bytes that are sent"],
        ...WITHOUT_RULE,
        rows: new Set([...reduces, ...fills]),
        change: (isFree) => ({
          removed: new Set(fills.filter(isFree)),
          durations: new Map(
            reduces.filter(isFree).map((row) => [row, Math.round(HALF * duration[row]!)]),
          ),
        }),
        idleNs: 0,
      },
    ];
  });
}

/** What the engine offers where the arguments tell that it runs so. */
function switchText({ serverArgs }: StageEvidence, use: Use): string {
  if (serverArgs?.enable_dp_attention !== true) return "";
  const name = use === "gather" ? "SGLANG_DP_USE_GATHERV" : "SGLANG_DP_USE_REDUCE_SCATTER";
  return ` With DP attention SGLang does it under ${name}=1, where the ranks' tokens allow it.`;
}

interface Found {
  readonly reduce: Row;
  readonly fill: Row;
}

/** All-reduces with a fill and a copy on one side, on their stream. */
function usesOf(
  evidence: StageEvidence,
): readonly { readonly use: Use; readonly found: readonly Found[] }[] {
  const { graph, stage } = evidence;
  const gathers: Found[] = [];
  const scatters: Found[] = [];
  /** Per stream the last three rows, the latest last. */
  const lasts = new Map<number, [Row, Row, Row]>();
  for (const row of stage.events) {
    const stream = graph.trace.gpu.stream[row]!;
    const [, a, b] = lasts.get(stream) ?? [NO_ROW, NO_ROW, NO_ROW];
    lasts.set(stream, [a, b, row]);
    if (a < 0 || b < 0) continue;
    if (isAllReduce(graph, row) && isFill(evidence, a) && isCopy(graph, b))
      gathers.push({ reduce: row, fill: a });
    else if (isCopy(graph, row) && isFill(evidence, b) && isAllReduce(graph, a))
      scatters.push({ reduce: a, fill: b });
  }
  const taken = new Set(gathers.map(({ reduce }) => reduce));
  return [
    { use: "gather", found: gathers },
    { use: "scatter", found: scatters.filter(({ reduce }) => !taken.has(reduce)) },
  ];
}

function isAllReduce(graph: KernelGraph, row: Row): boolean {
  if (workOf(graph, row) !== WORK.comm) return false;
  return /all_?reduce|cross_device_reduce/i.test(kernelNameAt(graph.trace, row).demangled);
}

function isCopy(graph: KernelGraph, row: Row): boolean {
  return graph.symbols[graph.symbolOf[row]!]!.category === "copy";
}
