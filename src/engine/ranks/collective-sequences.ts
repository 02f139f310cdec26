import { groupBy } from "../../model/group-by.ts";
import { type KernelGraph, type StageGraph, symbolAt } from "../../model/kernel-graph.ts";
import { GPU_KIND, gpuEnd, kernelNameAt, type Trace, text } from "../../model/trace.ts";
import type { Row } from "../../model/units.ts";
import { COMMUNICATION_CATEGORIES } from "../overlap/work-kind.ts";
import type { CollectiveSequence } from "./rank-measure.ts";

/** Two ranks of many: what one of them waits for says nothing of the others. */
const POINT_TO_POINT = /SendRecv/i;

/**
 * The collectives of a stage as sequences that ranks have in common: by the recorded process group
 * and collective where the kernel carries them (NCCL's do), else by kernel name and the place of
 * its stream among those that run it.
 */
export function collectiveSequences(
  graph: KernelGraph,
  stage: StageGraph,
  stepOf: (row: Row) => number,
): CollectiveSequence[] {
  const { trace } = graph;
  const { gpu, kernelNames } = trace;
  const isCollective = kernelNames.map(({ raw }) => !POINT_TO_POINT.test(raw));
  const collectives = stage.events.filter(
    (row) =>
      gpu.kind[row] === GPU_KIND.kernel &&
      isCollective[gpu.name[row]!]! &&
      COMMUNICATION_CATEGORIES.has(symbolAt(graph, row).category),
  );
  const read = argumentReader(trace);
  return [...groupBy(collectives, (row) => gpu.name[row]!).values()].flatMap((rows) => {
    const lanes = lanesOf(trace, rows);
    const kinds = groupBy(rows, (row) => {
      const args = read(row);
      const group = args === null ? `lane ${lanes.indexOf(gpu.stream[row]!)}` : groupOf(args);
      return JSON.stringify([args?.["Collective name"] ?? null, group]);
    });
    return [...kinds].map(([kind, own]) => sequence(graph, kind, own, read, stepOf));
  });
}

type Arguments = Readonly<Record<string, unknown>>;

function sequence(
  graph: KernelGraph,
  kind: string,
  rows: readonly Row[],
  read: (row: Row) => Arguments | null,
  stepOf: (row: Row) => number,
): CollectiveSequence {
  const { gpu } = graph.trace;
  const { demangled, short } = kernelNameAt(graph.trace, rows[0]!);
  const first = read(rows[0]!);
  const hasNumbers = rows.every((row) => read(row)?.Seq !== undefined);
  return {
    kind: `${demangled}\n${kind}`,
    kernel: demangled,
    shortName: short,
    category: symbolAt(graph, rows[0]!).category,
    collective: first === null ? null : String(first["Collective name"]),
    group: first === null ? null : groupOf(first),
    matchedBy: hasNumbers
      ? "sequence number"
      : first === null
        ? "kernel name and order"
        : "group and order",
    keys: rows.map((row) => keyOf(read(row), hasNumbers)),
    duration: Float64Array.from(rows, (row) => gpu.duration[row]!),
    end: Float64Array.from(rows, (row) => gpuEnd(gpu, row)),
    step: Int32Array.from(rows, stepOf),
  };
}

/** Only an all-reduce must have one size on all ranks. */
function keyOf(args: Arguments | null, hasNumbers: boolean): string {
  if (args === null) return "";
  if (hasNumbers) return String(args.Seq);
  const isAllReduce = /all_?reduce/i.test(String(args["Collective name"]));
  return isAllReduce ? `${args.dtype} ${args["In msg nelems"]}` : "";
}

/** Members tell a group on every rank; names are counted by each process for itself. */
function groupOf(args: Arguments): string {
  const told = ["Process Group Ranks", "Process Group Description", "Process Group Name"]
    .map((key) => args[key])
    .filter((value) => value !== undefined && value !== "" && String(value) !== "[]");
  return typeof told[0] === "string" ? told[0] : JSON.stringify(told[0] ?? "");
}

/** Arguments of a collective, each text parsed once. */
function argumentReader(trace: Trace): (row: Row) => Arguments | null {
  const parsed = new Map<number, Arguments>();
  return (row) => {
    const id = trace.gpu.collective[row]!;
    if (id === 0) return null;
    let args = parsed.get(id);
    if (args === undefined) {
      args = JSON.parse(text(trace, id)) as Arguments;
      parsed.set(id, args);
    }
    return args;
  };
}

/** Streams that run these rows, by number: ranks count theirs alike. */
function lanesOf({ gpu, streams }: Trace, rows: readonly Row[]): number[] {
  const number = (stream: number): number => Number(streams[stream]!.stream);
  return [...new Set(rows.map((row) => gpu.stream[row]!))].sort(
    (a, b) => number(a) - number(b) || a - b,
  );
}
