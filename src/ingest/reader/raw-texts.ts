import type { TextId, TextTable } from "../columns/text-table.ts";
import { WordArena } from "./word-arena.ts";

/** Contexts remembered; two that fall together only cost a wrong guess. */
const CONTEXTS = 1 << 14;

/** Bytes that tell apart two texts of one length well enough to compare only once at most of them. */
const SAMPLES = 12;

/**
 * The texts of one field by their bytes as they stand in the file, so that a text met before is
 * recognised without decoding it. Several spellings (escaped or not) may lead to one text: they get
 * one id.
 *
 * Programs repeat themselves: after the same three texts usually comes the same fourth (on real
 * traces in 80 to 90 of 100 cases). {@link followerAt} tries that one first, which saves looking for
 * the text's end.
 */
export class RawTexts {
  private readonly texts: TextTable;
  private readonly decode: (raw: string) => string | null;
  private readonly arena = new WordArena();
  /** Entry number + 1 by hash, linear probing; 0 is free. */
  private slots = new Int32Array(1 << 10);
  private hashes = new Int32Array(1 << 9);
  private places = new Int32Array(1 << 9);
  private lengths = new Int32Array(1 << 9);
  private ids = new Int32Array(1 << 9);
  private count = 0;
  /** Entry that came next after the texts of a context. */
  private readonly followers = new Int32Array(CONTEXTS);
  private context = 0;
  private last = 0;
  private beforeLast = 0;

  /** @param decode what a raw spelling means; null when it is not valid. */
  constructor(texts: TextTable, decode: (raw: string) => string | null) {
    this.texts = texts;
    this.decode = decode;
  }

  /** Length of the text that starts at `at`, before `end`, if it is the expected one, else -1. */
  followerAt(view: DataView, at: number, end: number): number {
    const entry = this.followers[this.context]!;
    const length = this.lengths[entry]!;
    if (at + length > end) return -1;
    return this.arena.equals(this.places[entry]!, length, view, at) ? length : -1;
  }

  /** Id of the text {@link followerAt} has just found. */
  takeFollower(): TextId {
    const entry = this.followers[this.context]!;
    this.pass(entry);
    return this.ids[entry]!;
  }

  /** Id of the text spelled by `bytes[start..end)`; -1 when the spelling is not valid. */
  idOf(bytes: Uint8Array, view: DataView, start: number, end: number): TextId {
    const length = end - start;
    const hash = sampledHash(bytes, start, length);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let entry = this.slots[slot]!; entry !== 0; entry = this.slots[slot]!) {
      const known = entry - 1;
      if (
        this.hashes[known] === hash &&
        this.lengths[known] === length &&
        this.arena.equals(this.places[known]!, length, view, start)
      ) {
        return this.met(known);
      }
      slot = (slot + 1) & mask;
    }
    return this.add(bytes, start, length, hash);
  }

  private met(entry: number): TextId {
    this.followers[this.context] = entry;
    this.pass(entry);
    return this.ids[entry]!;
  }

  private pass(entry: number): void {
    const three = Math.imul(entry, 0x9e37) + Math.imul(this.last, 0x85eb) + this.beforeLast;
    this.context = (three ^ (three >>> 14)) & (CONTEXTS - 1);
    this.beforeLast = Math.imul(this.last, 0x27d5);
    this.last = entry;
  }

  private add(bytes: Uint8Array, start: number, length: number, hash: number): TextId {
    const text = this.decode(Buffer.from(bytes.buffer, start, length).toString());
    if (text === null) return -1;
    if (this.count === this.ids.length) this.grow();
    const entry = this.count++;
    this.places[entry] = this.arena.add(bytes, start, length);
    this.lengths[entry] = length;
    this.hashes[entry] = hash;
    this.ids[entry] = this.texts.idOf(text);
    this.slots[this.freeSlot(hash)] = entry + 1;
    return this.met(entry);
  }

  private grow(): void {
    const size = this.ids.length * 2;
    this.hashes = grown(this.hashes, size);
    this.places = grown(this.places, size);
    this.lengths = grown(this.lengths, size);
    this.ids = grown(this.ids, size);
    this.slots = new Int32Array(size * 2);
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

function grown(from: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(size);
  to.set(from);
  return to;
}
