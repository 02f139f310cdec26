import type { EventRow } from "./event-row.ts";

const LOWER_CASE = 0x61;

/** Events written as a begin and an end, waiting for their end: the innermost of a thread ends first. */
export class OpenEvents {
  readonly #byThread = new Map<string, EventRow[]>();

  /** Those that never ended. */
  left(): EventRow[] {
    return [...this.#byThread.values()].flat();
  }

  begin(row: EventRow): void {
    const thread = threadOf(row);
    const stack = this.#byThread.get(thread);
    if (stack === undefined) this.#byThread.set(thread, [{ ...row }]);
    else stack.push({ ...row });
  }

  /** The event that ends here, with its duration; null when none is open. */
  end(row: EventRow): EventRow | null {
    const begun = this.#byThread.get(threadOf(row))?.pop();
    if (begun === undefined) return null;
    begun.duration = (row.us - begun.us) * 1000 + row.ns - begun.ns;
    return begun;
  }
}

/** Asynchronous pairs of one lane may interleave: they find each other by name. */
function threadOf({ pid, tid, phase, name }: EventRow): string {
  const isAsync = phase >= LOWER_CASE;
  return isAsync ? `${pid} ${tid} ${name}` : `${pid} ${tid}`;
}
