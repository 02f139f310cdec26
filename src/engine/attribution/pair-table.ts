/** Both numbers of a pair stay below 2^26, so that a pair is one exact double. */
const LIMIT = 2 ** 26;

/** Gives every distinct pair of small numbers a small number, in order of first sight. */
export class PairTable {
  readonly #ids = new Map<number, number>();

  /** Number of the pair; `isNew` tells whether it was seen before. */
  intern(a: number, b: number): { readonly id: number; readonly isNew: boolean } {
    if (a >= LIMIT || b >= LIMIT)
      throw new RangeError(`more than ${LIMIT} distinct stacks: ${a}, ${b}`);
    const key = a * LIMIT + b;
    const known = this.#ids.get(key);
    if (known !== undefined) return { id: known, isNew: false };
    const id = this.#ids.size;
    this.#ids.set(key, id);
    return { id, isNew: true };
  }
}
