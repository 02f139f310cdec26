/**
 * What runs, the first to end in front: a binary heap, so that a thousand kernels at once cost ten
 * steps each and one alone costs none.
 */
export class EndQueue {
  readonly #heap: number[] = [];
  readonly #endOf: ArrayLike<number>;

  /** @param endOf end of what is put in, by its number */
  constructor(endOf: ArrayLike<number>) {
    this.#endOf = endOf;
  }

  /** The first to end, undefined when nothing runs. */
  get first(): number | undefined {
    return this.#heap[0];
  }

  add(item: number): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(item, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  removeFirst(): void {
    const heap = this.#heap;
    const item = heap.pop();
    if (item === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, item)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = item;
  }

  #isBefore(a: number, b: number): boolean {
    const ends = this.#endOf[a]! - this.#endOf[b]!;
    return ends < 0 || (ends === 0 && a < b);
  }
}
