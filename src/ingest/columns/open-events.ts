import type { EventRow } from "./event-row.ts";

/** Events written as a begin and an end, waiting for their end: the innermost of a thread ends first. */
export class OpenEvents {
  readonly #byThread = new Map<string, EventRow[]>();

  /** How many never ended. */
  get count(): number {
    let count = 0;
    for (const stack of this.#byThread.values()) count += stack.length;
    return count;
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

function threadOf(row: EventRow): string {
  return `${row.pid} ${row.tid}`;
}
