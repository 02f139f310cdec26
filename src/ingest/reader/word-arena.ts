/** Masks of the first 0 to 3 bytes of a word. */
const FIRST_BYTES = [0, 0xff, 0xffff, 0xffffff];
const WORD = 8;

/**
 * Byte strings kept one after the other and compared eight bytes at a time with bytes anywhere.
 * Strings are known by the place {@link add} gave them.
 *
 * Eight bytes are compared as one double. Different bytes that are equal doubles would have to
 * hold zeros, which JSON does not; equal bytes that are NaN only miss a match.
 */
export class WordArena {
  private bytes = new Uint8Array(1 << 14);
  private view = new DataView(this.bytes.buffer);
  private used = 0;

  add(bytes: Uint8Array, start: number, length: number): number {
    const place = this.used;
    const end = place + length + WORD;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, end));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.bytes.set(bytes.subarray(start, start + length), place);
    this.used += length;
    return place;
  }

  /** Whether the string of `length` at `place` stands at `at` in `other`. */
  equals(place: number, length: number, other: DataView, at: number): boolean {
    const { view } = this;
    if (length < WORD) return this.equalsShort(place, length, other, at);
    const last = length - WORD;
    for (let i = 0; i < last; i += WORD) {
      if (view.getFloat64(place + i, true) !== other.getFloat64(at + i, true)) return false;
    }
    return view.getFloat64(place + last, true) === other.getFloat64(at + last, true);
  }

  private equalsShort(place: number, length: number, other: DataView, at: number): boolean {
    const { view } = this;
    let rest = length;
    if (length > 3) {
      if (view.getInt32(place, true) !== other.getInt32(at, true)) return false;
      rest -= 4;
    }
    const from = length - rest;
    const difference = view.getInt32(place + from, true) ^ other.getInt32(at + from, true);
    return (difference & FIRST_BYTES[rest]!) === 0;
  }
}
