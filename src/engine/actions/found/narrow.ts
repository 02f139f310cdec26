import { compareText } from "../../../base/compare-text.ts";
import { GPU_KIND, kernelNameAt, type Trace, text } from "../../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../../model/trace/units.ts";
import { WORK } from "../../overlap/work-kind.ts";
import { type Candidate, type StageEvidence, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** A launch with fewer blocks than this share of the SMs leaves most of the GPU idle. */
const FEW_SHARE = 0.25;

/** A shorter launch has hardly anything to spread. */
const LONG: Nanoseconds = 20_000;

/** Launches that fill few of the GPU's SMs for long, as one candidate per kernel and grid. */
export function narrowCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { graph, stage, shares } = evidence;
  const { trace } = graph;
  const sms = multiprocessors(evidence);
  if (sms === null) return [];
  const groups = new Map<string, { rows: Row[]; blocks: number }>();
  for (const [entry, row] of stage.events.entries()) {
    // Collectives take few blocks by design: the links are what they fill.
    if (trace.gpu.kind[row] !== GPU_KIND.kernel || shares.work[entry] !== WORK.compute) continue;
    if (trace.gpu.duration[row]! < LONG) continue;
    const blocks = blocksOf(trace, row);
    if (blocks === null || blocks > FEW_SHARE * sms) continue;
    const key = `${kernelNameAt(trace, row).demangled} ${blocks}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { rows: [row], blocks });
    else known.rows.push(row);
  }
  return [...groups]
    .sort((a, b) => compareText(a[0], b[0]))
    .map(([key, { rows, blocks }]): Candidate => {
      const { short } = kernelNameAt(trace, rows[0]!);
      return {
        kind: "limit",
        key: `narrow ${key}`,
        title: `${short} runs on ${blocks} of ${sms} SMs, ${rows.length} times`,
        do: `Its grid has ${blocks} ${blocks === 1 ? "block" : "blocks"}, so ${Math.round(100 * (1 - blocks / sms))}% of the GPU has nothing to do: split the work further (split-K, more KV splits, smaller tiles, one block a row), or run it beside other work on a second stream.`,
        where: placesOf(graph, rows),
        proof: "assumed",
        assuming: ["the work can be spread over all SMs"],
        ...WITHOUT_RULE,
        rows: new Set(rows),
        change: (isFree) => ({
          durations: new Map(
            rows.filter(isFree).map((row) => [row, (trace.gpu.duration[row]! * blocks) / sms]),
          ),
        }),
        idleNs: 0,
      };
    });
}

function multiprocessors({ graph: { trace }, limits }: StageEvidence): number | null {
  const told = trace.metadata.devices.find(({ multiprocessors }) => multiprocessors !== null);
  return told?.multiprocessors ?? limits?.machine?.units ?? null;
}

/** Blocks of a launch by "gx,gy,gz/bx,by,bz"; null where not recorded. */
function blocksOf(trace: Trace, row: Row): number | null {
  const [grid] = text(trace, trace.gpu.dims[row]!).split("/");
  const sizes = (grid ?? "").split(",").map(Number);
  if (sizes.length !== 3 || sizes.some((size) => !(size > 0))) return null;
  return sizes.reduce((product, size) => product * size, 1);
}
