import { compareText } from "../../base/compare-text.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import { WORK, workOf } from "./work-kind.ts";

type DependencyRisk = "low" | "high" | "unclear";

/** What stands before and after a kernel, and what that says about moving it. */
export interface DependencySignal {
  readonly risk: DependencyRisk;
  /** One sentence naming the evidence. */
  readonly reason: string;
}

/** A neighbour that starts within this time was most likely waiting for the kernel. */
const TIGHT_GAP: Nanoseconds = 5_000;

interface Neighbours {
  readonly before: Row | null;
  readonly after: Row | null;
}

/**
 * Judges the occurrences of one kernel by their neighbours on the same stream. A trace shows order
 * and place, never dataflow, so the answer is a risk: `high` where the neighbours are likely
 * producer and consumer, `low` only where the kernel has its stream to itself, `unclear` otherwise.
 * The majority of the occurrences' time decides.
 */
export function dependencySignal(
  graph: KernelGraph,
  stage: StageGraph,
  entries: ArrayLike<number>,
  neighbours: StreamNeighbours,
): DependencySignal {
  const { gpu, kernelNames } = graph.trace;
  const votes = new Map<number, { links: Links; time: Nanoseconds }>();
  const nameOfRow = (row: Row | null): number => (row === null ? 0 : gpu.name[row]! + 1);
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at]!;
    const row = stage.events[entry]!;
    const links = linksOf(graph, row, neighbours.of(entry));
    const key =
      (nameOfRow(links.before) * (kernelNames.length + 1) + nameOfRow(links.after)) * 4 +
      2 * Number(links.producer) +
      Number(links.consumer);
    const vote = votes.get(key);
    if (vote === undefined) votes.set(key, { links, time: gpu.duration[row]! });
    else vote.time += gpu.duration[row]!;
  }
  // Kernels of other template arguments read alike in short: their votes add up.
  const byReason = new Map<string, { signal: DependencySignal; time: Nanoseconds }>();
  for (const { links, time } of votes.values()) {
    const signal = judge(graph, links);
    const known = byReason.get(signal.reason) ?? { signal, time: 0 };
    byReason.set(signal.reason, { signal, time: known.time + time });
  }
  const ranked = [...byReason.values()].sort(
    (a, b) => b.time - a.time || compareText(a.signal.reason, b.signal.reason),
  );
  return ranked[0]?.signal ?? { risk: "unclear", reason: "no occurrence in this stage" };
}

/** A kernel's neighbours, and which of them it is likely tied to. */
interface Links extends Neighbours {
  readonly producer: boolean;
  readonly consumer: boolean;
}

function linksOf(graph: KernelGraph, row: Row, { before, after }: Neighbours): Links {
  return {
    before,
    after,
    producer: before !== null && likelyLinked(graph, before, row),
    consumer: after !== null && likelyLinked(graph, row, after),
  };
}

function judge(graph: KernelGraph, { before, after, producer, consumer }: Links): DependencySignal {
  if (before === null && after === null)
    return { risk: "low", reason: "alone on its stream: no neighbour to depend on" };
  const names = `${nameOf(graph, before)} before, ${nameOf(graph, after)} after`;
  if (producer && consumer)
    return { risk: "high", reason: `producer and consumer on the same stream: ${names}` };
  if (producer)
    return {
      risk: "high",
      reason: `likely reads what ${nameOf(graph, before)} wrote just before it on the same stream`,
    };
  if (consumer)
    return {
      risk: "high",
      reason: `${nameOf(graph, after)} follows on the same stream and likely reads it`,
    };
  return { risk: "unclear", reason: `neighbours on the stream say nothing certain: ${names}` };
}

/**
 * Same module, or one follows the other at once; communication between two computations on their
 * own stream is taken as linked whatever the gap, because nothing else explains its place.
 */
function likelyLinked(graph: KernelGraph, first: Row, second: Row): boolean {
  const kinds = [workOf(graph, first), workOf(graph, second)];
  if (kinds.includes(WORK.comm) && kinds[0] !== kinds[1]) return true;
  const { gpu } = graph.trace;
  if (gpu.start[second]! - (gpu.start[first]! + gpu.duration[first]!) <= TIGHT_GAP) return true;
  const a = graph.sites[graph.siteOf[first]!]!.modulePath;
  const b = graph.sites[graph.siteOf[second]!]!.modulePath;
  return a !== null && a === b;
}

function nameOf(graph: KernelGraph, row: Row | null): string {
  return row === null ? "nothing" : kernelNameAt(graph.trace, row).short;
}

/** The event before and after each entry on its own stream, within the stage and the step. */
export class StreamNeighbours {
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  readonly #stage: StageGraph;

  constructor(graph: KernelGraph, stage: StageGraph) {
    const count = stage.events.length;
    this.#stage = stage;
    this.#before = new Int32Array(count).fill(-1);
    this.#after = new Int32Array(count).fill(-1);
    const last = new Int32Array(graph.trace.streams.length).fill(-1);
    for (let entry = 0; entry < count; entry++) {
      const row = stage.events[entry]!;
      const stream = graph.trace.gpu.stream[row]!;
      const previous = last[stream]!;
      if (previous >= 0 && graph.stepOf[stage.events[previous]!] === graph.stepOf[row]) {
        this.#before[entry] = previous;
        this.#after[previous] = entry;
      }
      last[stream] = entry;
    }
  }

  of(entry: number): Neighbours {
    const before = this.#before[entry]!;
    const after = this.#after[entry]!;
    return {
      before: before < 0 ? null : this.#stage.events[before]!,
      after: after < 0 ? null : this.#stage.events[after]!,
    };
  }
}
