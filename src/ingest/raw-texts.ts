import type { TextId, TextTable } from "./text-table.ts";

/** Bytes that tell apart two texts of one length well enough to look only once at most of them. */
const SAMPLES = 12;

/**
 * Texts by their bytes as they stand in the file, so that a text met before is recognised without
 * decoding it. Several spellings (escaped or not) may lead to one text: they get one id.
 */
export class RawTexts {
  private readonly texts: TextTable;
  private readonly decode: (raw: string) => string | null;
  /** Entry number + 1 by hash, linear probing; 0 is free. */
  private slots = new Int32Array(1 << 12);
  private hashes = new Int32Array(1 << 11);
  private starts = new Float64Array(1 << 11);
  private lengths = new Int32Array(1 << 11);
  private ids = new Int32Array(1 << 11);
  private count = 0;
  /** The bytes of all entries, one after the other. */
  private arena = new Uint8Array(1 << 16);
  private used = 0;

  /** @param decode what a raw spelling means; null when it is not valid. */
  constructor(texts: TextTable, decode: (raw: string) => string | null) {
    this.texts = texts;
    this.decode = decode;
  }

  /** Id of the text spelled by `bytes[start..end)`; -1 when the spelling is not valid. */
  idOf(bytes: Uint8Array, start: number, end: number): TextId {
    const length = end - start;
    const hash = sampledHash(bytes, start, length);
    const { slots, hashes, lengths } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      const known = entry - 1;
      if (hashes[known] === hash && lengths[known] === length && this.equals(known, bytes, start)) {
        return this.ids[known]!;
      }
      slot = (slot + 1) & mask;
    }
    return this.add(bytes, start, length, hash);
  }

  private equals(entry: number, bytes: Uint8Array, start: number): boolean {
    const { arena } = this;
    const from = this.starts[entry]!;
    const length = this.lengths[entry]!;
    for (let i = 0; i < length; i++) if (arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  private add(bytes: Uint8Array, start: number, length: number, hash: number): TextId {
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset + start, length);
    const text = this.decode(raw.toString());
    if (text === null) return -1;
    this.reserve(length);
    const entry = this.count++;
    this.arena.set(raw, this.used);
    this.starts[entry] = this.used;
    this.used += length;
    this.lengths[entry] = length;
    this.hashes[entry] = hash;
    this.ids[entry] = this.texts.idOf(text);
    this.slots[this.freeSlot(hash)] = entry + 1;
    return this.ids[entry]!;
  }

  private reserve(length: number): void {
    if (this.used + length > this.arena.length) {
      this.arena = grown(this.arena, Math.max(this.arena.length * 2, this.used + length));
    }
    if (this.count < this.ids.length) return;
    const size = this.ids.length * 2;
    this.hashes = grown(this.hashes, size);
    this.starts = grown(this.starts, size);
    this.lengths = grown(this.lengths, size);
    this.ids = grown(this.ids, size);
    this.rehash(size * 2);
  }

  private rehash(size: number): void {
    this.slots = new Int32Array(size);
    for (let entry = 0; entry < this.count; entry++) {
      this.slots[this.freeSlot(this.hashes[entry]!)] = entry + 1;
    }
  }

  private freeSlot(hash: number): number {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }
}

/** Length, the last bytes and some in between: names differ most at their end. */
function sampledHash(bytes: Uint8Array, start: number, length: number): number {
  let hash = length;
  const end = start + length;
  const tail = length < SAMPLES ? start : end - SAMPLES;
  for (let i = tail; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  const step = 1 + ((length / SAMPLES) | 0);
  for (let i = start; i < tail; i += step) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function grown<T extends Uint8Array | Int32Array | Float64Array>(from: T, size: number): T {
  const to = new (from.constructor as new (length: number) => T)(size);
  to.set(from as never);
  return to;
}
