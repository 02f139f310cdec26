import type { Trace } from "../../model/trace/trace.ts";
import { NO_ROW, type Row } from "../../model/trace/units.ts";

/** Which op call lies in which, for the ops of one trace. */
export class OpTree {
  readonly #trace: Trace;
  readonly #parentOf: Int32Array;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#parentOf = parents(trace);
  }

  /** The call around an op, -1 for an outermost one. */
  parent(op: Row): Row {
    return this.#parentOf[op]!;
  }

  /** Calls inside `op`, at whatever depth, that began before a launch, in the order they began. */
  *insideBefore(op: Row, launch: Row): Generator<Row> {
    const { ops, launches } = this.#trace;
    const moment = launch < 0 ? Number.POSITIVE_INFINITY : launches.start[launch]!;
    const end = Math.min(moment, ops.start[op]! + ops.duration[op]!);
    const thread = ops.thread[op];
    for (let row = op + 1; row < ops.count && ops.thread[row] === thread; row++) {
      if (ops.start[row]! >= end) return;
      yield row;
    }
  }
}

/** Parents stand before their children: one pass with the open calls of the current thread. */
function parents({ ops }: Trace): Int32Array {
  const parentOf = new Int32Array(ops.count).fill(NO_ROW);
  const open: Row[] = [];
  for (let row = 0; row < ops.count; row++) {
    const start = ops.start[row]!;
    while (open.length > 0) {
      const last = open.at(-1)!;
      const isOpen =
        ops.thread[last] === ops.thread[row] && ops.start[last]! + ops.duration[last]! > start;
      if (isOpen) break;
      open.pop();
    }
    parentOf[row] = open.at(-1) ?? NO_ROW;
    open.push(row);
  }
  return parentOf;
}
