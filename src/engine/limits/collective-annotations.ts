import { firstIndex } from "../../base/first-index.ts";
import { type Trace, text } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import { TYPE_BYTES } from "../../model/work.ts";
import { recordedArguments } from "./op-arguments.ts";
import { elementsOf } from "./quantities.ts";

/** What an annotation of a communication library says of the collective that it lies around. */
interface AnnotatedCollective {
  readonly name: string;
  /** Bytes of the buffer that was given. */
  readonly bytes: number;
}

const OF_A_LIBRARY = /^(?:nccl|rccl|ucc|gloo):_?(\w+)/;

/**
 * Collectives by the annotations of ProcessGroupNCCL and its like ("nccl:all_to_all"), which carried
 * the tensor's sizes before `record_param_comms` had arguments of its own.
 */
export class CollectiveAnnotations {
  readonly #trace: Trace;
  readonly #rows: readonly Row[];

  constructor(trace: Trace) {
    const { annotations } = trace;
    this.#trace = trace;
    this.#rows = Array.from({ length: annotations.count }, (_, row) => row).filter(
      (row) =>
        annotations.onGpu[row] === 0 &&
        annotations.shapes[row] !== 0 &&
        OF_A_LIBRARY.test(text(trace, annotations.name[row]!)),
    );
  }

  /** The collective that a launch belongs to; null where no such annotation lies around it. */
  around(launch: Row): AnnotatedCollective | null {
    const { annotations, launches } = this.#trace;
    if (launch < 0) return null;
    const moment = launches.start[launch]!;
    const thread = launches.thread[launch];
    const later = firstIndex(
      0,
      this.#rows.length,
      (at) => annotations.start[this.#rows[at]!]! > moment,
    );
    // Collectives do not nest: the last that began on this thread is the one, or none is.
    for (let at = later - 1; at >= 0; at--) {
      const row = this.#rows[at]!;
      if (annotations.lane[row] !== thread) continue;
      const isAround = annotations.start[row]! + annotations.duration[row]! >= moment;
      return isAround ? this.#told(row) : null;
    }
    return null;
  }

  #told(row: Row): AnnotatedCollective | null {
    const { annotations } = this.#trace;
    const name = OF_A_LIBRARY.exec(text(this.#trace, annotations.name[row]!))![1]!;
    let bytes = 0;
    for (const input of recordedArguments(this.#trace, {
      shapes: annotations.shapes[row]!,
      types: annotations.types[row]!,
    })) {
      const size = TYPE_BYTES[input.type];
      const elements = elementsOf(input);
      if (size === undefined || elements === null) return null;
      bytes += elements * size;
    }
    return bytes > 0 ? { name, bytes } : null;
  }
}
