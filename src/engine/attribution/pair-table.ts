/**
 * Gives every distinct pair of numbers (32 bits each) a small number, in order of first sight. By
 * open addressing, as {@link ./id-index.ts}: there are several look-ups for every kernel, and a Map
 * would make a number object of each pair.
 */
export class PairTable {
  #first = new Int32Array(32);
  #second = new Int32Array(32);
  /** Number of a pair plus one, 0 where free. At most half full. */
  #slots = new Int32Array(64);
  #size = 0;

  /** Number of the pair; a new one gets as its number how many there were before. */
  intern(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(first, second) & mask;
    for (let id = this.#slots[slot]! - 1; id >= 0; id = this.#slots[slot]! - 1) {
      if (this.#first[id] === first && this.#second[id] === second) return id;
      slot = (slot + 1) & mask;
    }
    if (this.#size === this.#first.length) {
      this.#grow();
      return this.intern(first, second);
    }
    const id = this.#size++;
    this.#first[id] = first;
    this.#second[id] = second;
    this.#slots[slot] = id + 1;
    return id;
  }

  #grow(): void {
    this.#first = doubled(this.#first);
    this.#second = doubled(this.#second);
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let slot = hash(this.#first[id]!, this.#second[id]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id + 1;
    }
  }
}

function doubled(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

function hash(first: number, second: number): number {
  const mixed = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
