import { groupBy } from "../../../base/group-by.ts";
import { type KernelGraph, type StageGraph, symbolAt } from "../../../model/trace/kernel-graph.ts";
import { GPU_KIND, gpuEnd, kernelNameAt, type Trace } from "../../../model/trace/trace.ts";
import type { Row } from "../../../model/trace/units.ts";
import { COMMUNICATION_CATEGORIES } from "../../overlap/work-kind.ts";
import type { CollectiveSequence, StageMeasure, TransferSequence } from "../rank-measure.ts";
import { collectiveReader, type ToldCollective } from "./collective-told.ts";

type Communication = Pick<StageMeasure, "collectives" | "transfers" | "unclear">;

/**
 * The communication of a stage as sequences that ranks have in common: collectives by kernel and
 * process group (where none is told, by the place of the stream among those that run the kernel),
 * transfers by direction and peer. Nothing is left out: what is neither is told with its time.
 */
export function collectiveSequences(
  graph: KernelGraph,
  stage: StageGraph,
  stepOf: (row: Row) => number,
): Communication {
  const { gpu } = graph.trace;
  const rows: Row[] = [];
  const expertsBefore = new Map<Row, number>();
  let experts = 0;
  for (const row of stage.events) {
    if (gpu.kind[row] !== GPU_KIND.kernel) continue;
    const { category } = symbolAt(graph, row);
    if (category === EXPERTS) experts += gpu.duration[row]!;
    if (!COMMUNICATION_CATEGORIES.has(category)) continue;
    rows.push(row);
    expertsBefore.set(row, experts);
    experts = 0;
  }
  const read = collectiveReader(graph);
  const told = new Map<Row, ToldCollective>();
  for (const row of rows) told.set(row, read(row));
  const collectives: CollectiveSequence[] = [];
  const transfers: TransferSequence[] = [];
  const unclear: Communication["unclear"][number][] = [];
  for (const own of groupBy(rows, (row) => gpu.name[row]!).values()) {
    const lanes = lanesOf(graph.trace, own);
    const kinds = groupBy(own, (row) => {
      const { collective, group, transfer, isUnclear } = told.get(row)!;
      if (isUnclear) return "unclear";
      if (transfer !== null) return JSON.stringify(transfer);
      return JSON.stringify([collective, group ?? `lane ${lanes.indexOf(gpu.stream[row]!)}`]);
    });
    for (const [kind, same] of kinds) {
      const first = told.get(same[0]!)!;
      const launches = launchesOf(graph, same, stepOf);
      if (first.isUnclear)
        unclear.push({
          shortName: launches.shortName,
          ns: launches.duration.reduce((sum, ns) => sum + ns, 0),
        });
      else if (first.transfer !== null) transfers.push({ ...launches, ...first.transfer });
      else
        collectives.push({
          ...launches,
          kind: `${launches.kernel}\n${kind}`,
          category: symbolAt(graph, same[0]!).category,
          collective: first.collective,
          group: first.group,
          experts: Float64Array.from(same, (row) => expertsBefore.get(row)!),
          ...keysOf(same.map((row) => told.get(row)!)),
        });
    }
  }
  return { collectives, transfers, unclear };
}

/** Category whose time routing decides. */
const EXPERTS = "moe-gemm";

function keysOf(told: readonly ToldCollective[]): Pick<CollectiveSequence, "hasNumbers" | "keys"> {
  const hasNumbers = told.every(({ sequence }) => sequence !== null);
  return { hasNumbers, keys: told.map(({ sequence, size }) => (hasNumbers ? sequence! : size)) };
}

function launchesOf(graph: KernelGraph, rows: readonly Row[], stepOf: (row: Row) => number) {
  const { gpu } = graph.trace;
  const { demangled, short } = kernelNameAt(graph.trace, rows[0]!);
  return {
    kernel: demangled,
    shortName: short,
    duration: Float64Array.from(rows, (row) => gpu.duration[row]!),
    end: Float64Array.from(rows, (row) => gpuEnd(gpu, row)),
    step: Int32Array.from(rows, stepOf),
  };
}

/** Streams that run these rows, by number: ranks count theirs alike. */
function lanesOf({ gpu, streams }: Trace, rows: readonly Row[]): number[] {
  const number = (stream: number): number => Number(streams[stream]!.stream);
  return [...new Set(rows.map((row) => gpu.stream[row]!))].sort(
    (a, b) => number(a) - number(b) || a - b,
  );
}
