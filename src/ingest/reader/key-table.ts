const encoder = new TextEncoder();
const SLOTS = 256;

/** Finds which of a few known keys some bytes spell: one look, one comparison. */
export class KeyTable {
  private readonly slots = new Int8Array(SLOTS).fill(-1);
  private readonly keys: readonly Uint8Array[];

  /** @param keys in the order of the numbers {@link find} returns. */
  constructor(keys: readonly string[]) {
    this.keys = keys.map((key) => encoder.encode(key));
    this.keys.forEach((key, index) => {
      const slot = slotOf(key, 0, key.length);
      if (this.slots[slot] !== -1) throw new Error(`keys ${keys[index]} and another share a slot`);
      this.slots[slot] = index;
    });
  }

  /** Number of the key `bytes[start..end)` spells, -1 for any other. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (end <= start) return -1;
    const index = this.slots[slotOf(bytes, start, end)]!;
    if (index === -1) return -1;
    const key = this.keys[index]!;
    if (key.length !== end - start) return -1;
    for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return -1;
    return index;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  return (bytes[start]! * 7 + bytes[end - 1]! * 3 + (end - start) * 29) & (SLOTS - 1);
}
