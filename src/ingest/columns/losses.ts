import { compareText } from "../../base/compare-text.ts";
import type { TraceOrigin } from "../../model/trace.ts";

/** Counts what could not be read: of which kind of event, and what of it. */
export class Losses {
  readonly #byKind = new Map<string, { category: string; what: string; count: number }>();

  /** @param category "" where it was lost with the rest. */
  add(category: string, what: string): void {
    const key = JSON.stringify([category, what]);
    const known = this.#byKind.get(key);
    if (known === undefined) this.#byKind.set(key, { category, what, count: 1 });
    else known.count++;
  }

  /** Most first. */
  counts(): TraceOrigin["losses"] {
    return [...this.#byKind.entries()]
      .sort(([a, { count }], [b, other]) => other.count - count || compareText(a, b))
      .map(([, loss]) => loss);
  }
}
