import { compareText } from "../../base/compare-text.ts";
import type { TraceOrigin } from "../../model/trace/trace.ts";
import type { TextTable } from "../columns/text-table.ts";
import type { EventRow } from "./event-row.ts";

/** Counts the events nobody uses by category, those without one by phase. */
export class DroppedEvents {
  readonly #byCategory = new Map<number, number>();
  readonly #byPhase = new Map<number, number>();
  #lastCategory = 0;
  /** Events of the last category that are not counted yet: they come in long runs. */
  #run = 0;

  add({ category, phase }: EventRow): void {
    if (category === 0) increase(this.#byPhase, phase, 1);
    else if (category === this.#lastCategory) this.#run++;
    else {
      this.#endRun();
      this.#lastCategory = category;
      this.#run = 1;
    }
  }

  /** Category ("ac2g") or phase ("ph M") → count, by key. */
  counts(texts: TextTable): Record<string, number> {
    this.#endRun();
    const categories = [...this.#byCategory].map(([id, count]) => [texts.text(id), count] as const);
    const phases = [...this.#byPhase].map(
      ([phase, count]) => [`ph ${String.fromCharCode(phase || 0x3f)}`, count] as const,
    );
    const all = [...categories, ...phases].sort(([a], [b]) => compareText(a, b));
    return Object.fromEntries(all);
  }

  #endRun(): void {
    if (this.#run > 0) increase(this.#byCategory, this.#lastCategory, this.#run);
    this.#run = 0;
  }
}

function increase(counts: Map<number, number>, key: number, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

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
