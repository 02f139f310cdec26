import { compareText } from "../../base/compare-text.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";

/** Time added up by what it belongs to. Neighbouring kernels mostly share it, which saves the look-up. */
export class TimeBy<K extends string | number> {
  readonly #sums = new Map<K, { ns: Nanoseconds }>();
  #key: K | undefined = undefined;
  #sum = { ns: 0 };

  add(key: K, ns: Nanoseconds): void {
    if (key !== this.#key) {
      this.#key = key;
      this.#sum = this.#sums.get(key) ?? { ns: 0 };
      this.#sums.set(key, this.#sum);
    }
    this.#sum.ns += ns;
  }

  /** Most time first, of equal times the lesser key. */
  ranked(): readonly (readonly [key: K, ns: Nanoseconds])[] {
    return [...this.#sums]
      .map(([key, { ns }]) => [key, ns] as const)
      .sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
  }
}
