import { type EventId, NO_ID } from "../../model/trace/units.ts";

/**
 * Finds the row that bears an id, by open addressing in two typed arrays: a Map of as many doubles
 * takes five times the memory, and traces have millions of launches. The first row of an id wins.
 */
export class IdIndex {
  readonly #mask: number;
  readonly #keys: Float64Array;
  readonly #rows: Int32Array;

  /** @param onRepeat told the id, its first row and each further one. */
  constructor(
    ids: Float64Array,
    isWanted: (row: number) => boolean = () => true,
    onRepeat: (id: EventId, first: number, row: number) => void = () => {},
  ) {
    let size = 16;
    while (size < ids.length * 2) size *= 2;
    this.#mask = size - 1;
    this.#keys = new Float64Array(size);
    this.#rows = new Int32Array(size).fill(-1);
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row]!;
      if (isUsable(id) && isWanted(row)) this.#add(id, row, onRepeat);
    }
  }

  /** Row of `id`, -1 when no row bears it. */
  get(id: EventId): number {
    if (!isUsable(id)) return -1;
    let slot = hash(id) & this.#mask;
    while (this.#rows[slot]! >= 0) {
      if (this.#keys[slot] === id) return this.#rows[slot]!;
      slot = (slot + 1) & this.#mask;
    }
    return -1;
  }

  #add(
    id: EventId,
    row: number,
    onRepeat: (id: EventId, first: number, row: number) => void,
  ): void {
    let slot = hash(id) & this.#mask;
    while (this.#rows[slot]! >= 0) {
      if (this.#keys[slot] === id) {
        onRepeat(id, this.#rows[slot]!, row);
        return;
      }
      slot = (slot + 1) & this.#mask;
    }
    this.#keys[slot] = id;
    this.#rows[slot] = row;
  }
}

/** Profilers write 0 where there is nothing to correlate; real ids start at 1. */
function isUsable(id: EventId): boolean {
  return id !== NO_ID && id !== 0;
}

function hash(id: EventId): number {
  const low = Math.imul(id | 0, 0x9e3779b1);
  return low ^ (low >>> 15);
}
