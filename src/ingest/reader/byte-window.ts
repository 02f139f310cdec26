/** Room for a few chunks, so that what is left of one is rarely moved. */
const CAPACITY = 4 << 20;
/** Bytes behind the last one that may be looked at: a whole word may be read at any place. */
const SPARE = 8;

/**
 * The part of a byte stream being looked at. A 0 always follows the last byte: loops over the bytes
 * need no other bound, because JSON holds no 0.
 */
export class ByteWindow {
  bytes = new Uint8Array(CAPACITY + SPARE);
  /** The same bytes, for reading four at once wherever they stand. */
  view = new DataView(this.bytes.buffer);
  /** First byte not used up yet. */
  start = 0;
  /** Behind the last byte. */
  end = 0;
  /** Position of `bytes[0]` in the stream. */
  private base = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** Place of `bytes[at]` in the stream. */
  positionOf(at: number): number {
    return this.base + at;
  }

  append(chunk: Uint8Array): void {
    if (this.end + chunk.length + SPARE > this.bytes.length) this.makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
    this.bytes[this.end] = 0;
  }

  private makeRoom(added: number): void {
    const needed = this.length + added + SPARE;
    const old = this.bytes;
    if (needed > old.length) {
      this.bytes = new Uint8Array(Math.max(old.length * 2, needed));
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(old.subarray(this.start, this.end));
    this.base += this.start;
    this.end -= this.start;
    this.start = 0;
  }
}
