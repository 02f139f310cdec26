import { GPU_KIND, kernelNameAt } from "../../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../../model/trace/units.ts";
import { waitingOf } from "../../overlap/waiting.ts";
import { isExchange, WORK } from "../../overlap/work-kind.ts";
import { medianOf } from "../../spread.ts";
import { kernelEntries } from "../../tables/kernel-entries.ts";
import { type Candidate, type StageEvidence, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/**
 * Copies to and from memory that is not pinned: the GPU's copy engine cannot reach it by itself. On
 * the way to the GPU the host copies along and is held as long; what comes back it waits for anyway.
 */
export function pageableCandidates({ graph, stage, shares }: StageEvidence): readonly Candidate[] {
  const { trace, launchOf } = graph;
  const rows: Row[] = [];
  const toGpu = new Set<Row>();
  let exposed = 0;
  for (const [entry, row] of stage.events.entries()) {
    if (trace.gpu.kind[row] !== GPU_KIND.copy) continue;
    const { raw } = kernelNameAt(trace, row);
    if (!/Pageable/.test(raw)) continue;
    rows.push(row);
    if (/HtoD|Pageable -> Device/.test(raw) && launchOf[row]! >= 0) toGpu.add(row);
    exposed += shares.ns[entry]!;
  }
  if (exposed === 0) return [];
  return [
    {
      kind: "copies",
      key: "pageable",
      title: `${rows.length} copies from or to pageable memory`,
      do: "Use pinned memory and non_blocking copies on a stream of their own, and copy fewer results.",
      where: placesOf(graph, rows),
      proof: "trace",
      assuming: [],
      ...WITHOUT_RULE,
      rows: new Set(rows),
      change: (isFree) => ({
        durations: new Map<Row, Nanoseconds>(rows.filter(isFree).map((row) => [row, 0])),
        freed: new Set([...toGpu].filter(isFree).map((row) => launchOf[row]!)),
      }),
      idleNs: 0,
    },
  ];
}

/** Exposed communication, as one candidate per kernel: hidden behind computation, or balanced. */
export function communicationCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { graph, stage, shares, limits } = evidence;
  const { gpu } = graph.trace;
  return kernelEntries(graph, stage).flatMap(({ name, entries }): Candidate[] => {
    const own = [...entries].filter((entry) => shares.work[entry] === WORK.comm);
    if (own.length === 0) return [];
    const rows = own.map((entry) => stage.events[entry]!);
    const durations = rows.map((row) => gpu.duration[row]!);
    const exposedOf = new Map(own.map((entry, at) => [rows[at]!, shares.ns[entry]!]));
    const { how, launches, needsNs, needs } = waitingOf(
      durations,
      limits && rows.map((row) => limits.floorNs[row]!),
    );
    const usual = medianOf(durations);
    const short = exchangeName(evidence, rows);
    const needOf = new Map(launches.map((at, i) => [rows[at]!, needs[i]!]));
    const waiting = new Set(needOf.keys());
    const waits = medianOf(launches.map((at) => durations[at]!));
    const moving = rows.filter((row) => !waiting.has(row));
    const base = { toggle: null, rule: null, sources: [], where: placesOf(graph, rows) } as const;
    const candidates: Candidate[] = [];
    if (waiting.size > 0)
      candidates.push({
        ...base,
        kind: "imbalance",
        key: name,
        title:
          how === "always"
            ? `${exchangeName(evidence, [...waiting])} waits for other ranks: ${(waits / 1000).toFixed(0)} us as a rule where ${(needsNs / 1000).toFixed(0)} us would do${waiting.size === rows.length ? "" : `, ${waiting.size} of ${rows.length} times`}`
            : `${waiting.size} of ${rows.length} ${short} wait for a late rank (median ${(usual / 1000).toFixed(0)} us)`,
        do: "Look at the rank that comes late (triage ranks): time in a collective beyond its transfer is waiting.",
        proof: "assumed",
        assuming: ["what it takes beyond the transfer is waiting"],
        rows: waiting,
        change: (isFree) => ({
          durations: new Map(
            [...waiting]
              .filter(isFree)
              .map((row) => [row, Math.min(gpu.duration[row]!, needOf.get(row)!)]),
          ),
        }),
        idleNs: 0,
      });
    if (moving.length > 0 && (isExchange(name) || hasCompany(evidence, own)))
      candidates.push({
        ...base,
        kind: "overlap",
        key: name,
        title: `${short} runs exposed`,
        do: "Hide it behind computation: exchange in chunks while other chunks compute, or on a stream of its own.",
        proof: "assumed",
        assuming: ["independent work is there to run beside it"],
        rows: new Set(moving),
        change: (isFree) => ({
          durations: new Map(
            moving.filter(isFree).map((row) => [row, gpu.duration[row]! - exposedOf.get(row)!]),
          ),
        }),
        idleNs: 0,
      });
    return candidates;
  });
}

/** What a collective is called and how much each launch moves: "AllGather (128 B, 2 GPUs)"; its kernel where neither is told. */
function exchangeName({ graph, limits }: StageEvidence, rows: readonly Row[]): string {
  const { short } = kernelNameAt(graph.trace, rows[0]!);
  const word = COLLECTIVE.exec(short)?.[0];
  if (word === undefined) return short;
  const moved = new Set(rows.map((row) => limits?.units[limits.unitOf[row]!]?.dims ?? ""));
  const [size = ""] = moved;
  return moved.size === 1 && /^[\d.,]+ \S*B/.test(size) ? `${word} (${size})` : word;
}

const COLLECTIVE = /AllReduce|AllGather|ReduceScatter|SendRecv|AllToAll|Broadcast/;

/**
 * True where a launch of the kernel was mostly hidden by computation: then the run has independent
 * work. All-reduces between two products of one stream have none, however early the next begins.
 */
function hasCompany({ graph, stage, shares }: StageEvidence, entries: readonly number[]): boolean {
  const { gpu } = graph.trace;
  return entries.some((entry) => 2 * shares.ns[entry]! < gpu.duration[stage.events[entry]!]!);
}
