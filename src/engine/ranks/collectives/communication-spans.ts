import { firstIndex } from "../../../base/first-index.ts";
import type { KernelGraph } from "../../../model/trace/kernel-graph.ts";
import { text } from "../../../model/trace/trace.ts";
import { NO_ROW, type Row } from "../../../model/trace/units.ts";

interface CommunicationSpan {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** JSON text of the collective's arguments; null where the span has none. */
  readonly args: string | null;
}

const ANNOTATION = /^(?:nccl|rccl|gloo):/;
const OP = /^c10d::/;

/** What was said on the host around launches of communication: annotations and ops, by thread. */
export class CommunicationSpans {
  readonly #graph: KernelGraph;
  readonly #byThread = new Map<number, CommunicationSpan[]>();

  constructor(graph: KernelGraph) {
    this.#graph = graph;
    const { trace } = graph;
    const { annotations, ops } = trace;
    const isNote = trace.strings.map((name) => ANNOTATION.test(name));
    const isOp = trace.strings.map((name) => OP.test(name));
    for (let row = 0; row < annotations.count; row++)
      if (annotations.onGpu[row] === 0 && isNote[annotations.name[row]!])
        this.#add(annotations.lane[row]!, annotations, row, null);
    for (let row = 0; row < ops.count; row++) {
      const args = ops.collective[row]!;
      if (args > 0 || isOp[ops.name[row]!])
        this.#add(ops.thread[row]!, ops, row, args > 0 ? text(trace, args) : null);
    }
    for (const spans of this.#byThread.values()) spans.sort((a, b) => a.start - b.start);
  }

  #add(
    thread: number,
    columns: {
      readonly name: Uint32Array;
      readonly start: Float64Array;
      readonly duration: Float64Array;
    },
    row: Row,
    args: string | null,
  ): void {
    const spans = this.#byThread.get(thread) ?? [];
    const start = columns.start[row]!;
    const name = text(this.#graph.trace, columns.name[row]!);
    spans.push({ start, end: start + columns.duration[row]!, name, args });
    this.#byThread.set(thread, spans);
  }

  /** The telling span around the launch of a GPU event: one with arguments, else the innermost. */
  around(row: Row): CommunicationSpan | null {
    const launch = this.#graph.launchOf[row]!;
    if (launch === NO_ROW) return null;
    const { launches } = this.#graph.trace;
    const spans = this.#byThread.get(launches.thread[launch]!);
    if (spans === undefined) return null;
    const time = launches.start[launch]!;
    let innermost: CommunicationSpan | null = null;
    const after = firstIndex(0, spans.length, (at) => spans[at]!.start > time);
    // Spans nest a few deep: op, its parameters, annotation.
    for (let at = after - 1; at >= Math.max(0, after - MOST_NESTED); at--) {
      const span = spans[at]!;
      if (span.end <= time) continue;
      if (span.args !== null) return span;
      innermost ??= span;
    }
    return innermost;
  }
}

const MOST_NESTED = 8;
