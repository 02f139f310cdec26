import type { Row } from "../../../model/trace/units.ts";

/** A set of GPU rows, one bit each: rules hold hundreds of thousands of kernels between them. */
export class RowSet {
  #words = new Uint32Array(64);

  add(row: Row): void {
    const word = row >>> 5;
    if (word >= this.#words.length) {
      const longer = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words[word]! |= 1 << (row & 31);
  }

  /** Adds the kernels of an occurrence. */
  addAll(rows: readonly (readonly Row[])[]): void {
    for (const step of rows) for (const row of step) this.add(row);
  }

  has(row: Row): boolean {
    return (((this.#words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  hasAny(rows: readonly (readonly Row[])[]): boolean {
    for (const step of rows) for (const row of step) if (this.has(row)) return true;
    return false;
  }

  meets(other: RowSet): boolean {
    return this.#words.some((word, at) => (word & (other.#words[at] ?? 0)) !== 0);
  }
}
