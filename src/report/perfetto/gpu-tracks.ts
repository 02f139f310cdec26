import { groupBy } from "../../base/group-by.ts";
import { type KernelGraph, placeText, symbolAt, VIA } from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, gpuEnd, kernelNameAt } from "../../model/trace/trace.ts";
import type { EventLimit, StageSpans, TraceSpans } from "../../model/trace/trace-spans.ts";
import { percent, type Row, toUs } from "../../model/trace/units.ts";
import { argsText, type SliceText, type Track, type TrackGroup } from "./track.ts";

const CATEGORY_OF_KIND = {
  [GPU_KIND.kernel]: "kernel",
  [GPU_KIND.copy]: "gpu_memcpy",
  [GPU_KIND.fill]: "gpu_memset",
} as const;

/** The GPU's work: per device a group, per stream a track of kernels and one of what they are for. */
export function gpuTracks(spans: TraceSpans, label: string): readonly TrackGroup[] {
  const { graph, stages } = spans;
  const rows = rowsByStream(graph, stages);
  const describe = describer(spans);
  const streams = groupBy([...graph.trace.streams.keys()], (at) => graph.trace.streams[at]!.device);
  return [...streams]
    .sort(([a], [b]) => a - b)
    .map(([device, own]) => ({
      name: `GPU ${device}${label}`,
      tracks: own.flatMap((stream) => {
        const mine = rows[stream]!;
        if (mine.length === 0) return [];
        const key = graph.trace.streams[stream]!;
        const name = `stream ${key.stream}${key.owner === undefined ? "" : ` of ${key.owner}`}`;
        return [kernelTrack(graph, name, mine, describe), roleTrack(graph, `${name}: roles`, mine)];
      }),
    }));
}

/** Events of the stages shown, by start. */
function rowsByStream({ trace }: KernelGraph, stages: readonly StageSpans[]): readonly Row[][] {
  const rows: Row[][] = trace.streams.map(() => []);
  for (const { events } of stages)
    for (const row of events) rows[trace.gpu.stream[row]!]!.push(row);
  // Each stage has its own rows in order; together they may interleave.
  if (stages.length > 1) for (const list of rows) list.sort((a, b) => a - b);
  return rows;
}

function kernelTrack(
  { trace: { gpu } }: KernelGraph,
  name: string,
  rows: readonly Row[],
  describe: (row: Row) => SliceText,
): Track {
  return {
    name,
    count: rows.length,
    startOf: (index) => gpu.start[rows[index]!]!,
    endOf: (index) => gpuEnd(gpu, rows[index]!),
    sliceOf: (index) => describe(rows[index]!),
  };
}

/** What a kernel is, where its code stands and what was found about it. */
function describer({ graph, stages, limitOf }: TraceSpans): (row: Row) => SliceText {
  const { trace } = graph;
  const findings = rulesByRow(stages);
  const known = new Map<string, string>();
  const argsOf = (row: Row): string => {
    const site = graph.siteOf[row]!;
    const via = graph.viaOf[row]!;
    const rules = findings.get(row)?.join(", ") ?? "";
    const limit = limitArgs(limitOf(row));
    const key = `${graph.symbolOf[row]} ${site} ${via} ${rules} ${Object.values(limit).join(" ")}`;
    let text = known.get(key);
    if (text === undefined) {
      const { modulePath, cpuOp } = graph.sites[site]!;
      const { category, role } = symbolAt(graph, row);
      const { demangled } = kernelNameAt(trace, row);
      text = argsText({
        kernel: demangled,
        category,
        role,
        "Python location": placeText(graph.sites[site]!),
        module: modulePath,
        "CPU op": cpuOp,
        "located by": VIA[via] ?? null,
        rules: rules === "" ? null : rules,
        ...limit,
      });
      known.set(key, text);
    }
    return text;
  };
  return (row) => ({
    name: kernelNameAt(trace, row).short,
    category: CATEGORY_OF_KIND[trace.gpu.kind[row] as 0 | 1 | 2] ?? "kernel",
    args: argsOf(row),
  });
}

/** The call behind a kernel against the limit of its machine. */
function limitArgs(limit: EventLimit | null): Readonly<Record<string, string | number>> {
  if (limit === null) return {};
  const { op, dims, flop, bytes, boundBy, floorNs, kernelNs, shapesFrom } = limit;
  return {
    "work of": `${op} ${dims}`,
    ...(shapesFrom === "op" ? {} : { "shapes from": shapesFrom }),
    FLOP: flop,
    bytes: Math.round(bytes),
    ...(floorNs === null
      ? {}
      : {
          "least us": toUs(Math.round(floorNs)),
          "of limit": `${percent(floorNs, kernelNs).toFixed(1)}% ${boundBy}`,
        }),
  };
}

function rulesByRow(stages: readonly StageSpans[]): ReadonlyMap<Row, readonly string[]> {
  const rules = new Map<Row, string[]>();
  for (const { windows } of stages)
    for (const { rule, state, rows } of windows)
      for (const row of rows) {
        const list = rules.get(row);
        const text = `${rule.id} (${state})`;
        if (list === undefined) rules.set(row, [text]);
        else if (!list.includes(text)) list.push(text);
      }
  return rules;
}

/** Runs of kernels of one role, or of one category where no role is known. */
function roleTrack(graph: KernelGraph, name: string, rows: readonly Row[]): Track {
  const { gpu } = graph.trace;
  const firsts: number[] = [];
  const ends: number[] = [];
  let last = -1;
  for (const [index, row] of rows.entries()) {
    const continues = last >= 0 && roleAt(graph, row) === roleAt(graph, rows[last]!);
    const end = gpuEnd(gpu, row);
    if (continues) ends[ends.length - 1] = Math.max(ends.at(-1)!, end);
    else {
      firsts.push(index);
      // A role ends where the next begins, though its last kernel may run on for a moment.
      if (ends.length > 0) ends[ends.length - 1] = Math.min(ends.at(-1)!, gpu.start[row]!);
      ends.push(end);
    }
    last = index;
  }
  return {
    name,
    count: firsts.length,
    startOf: (index) => gpu.start[rows[firsts[index]!]!]!,
    endOf: (index) => ends[index]!,
    sliceOf: (index) => {
      const first = firsts[index]!;
      const { category } = symbolAt(graph, rows[first]!);
      const kernels = (firsts[index + 1] ?? rows.length) - first;
      return {
        name: roleAt(graph, rows[first]!),
        category: "role",
        args: argsText({ category, kernels }),
      };
    },
  };
}

function roleAt(graph: KernelGraph, row: Row): string {
  const { role, category } = symbolAt(graph, row);
  return role ?? category;
}
