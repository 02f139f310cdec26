import { areEqual, keep, zeros } from "./arena.ts";

/**
 * What the program that runs the scanner makes of a text met for the first time.
 *
 * @param spelling see {@link PLAIN}.
 * @returns its id, -1 when it means nothing.
 */
declare function idOfText(spelling: i32, start: usize, length: usize): i32;
/** The id of a number's text. */
declare function idOfNumber(value: f64): i32;

/** As it stands. */
export const PLAIN = 0;
/** The inside of a JSON string. */
export const ESCAPED = 1;
/** A JSON list. */
export const LIST = 2;

/** Contexts remembered, of fields of many texts and of others; two that fall together only cost a wrong guess. */
export const MANY: u32 = 1 << 14;
export const FEW: u32 = 1 << 9;
/** Words hashed at most: names differ most at their ends. */
const HASHED_WORDS: usize = 32;

@unmanaged
class Entry {
  place: usize = 0;
  length: usize = 0;
  hash: u32 = 0;
  id: i32 = 0;
}

/**
 * The texts of one field by their bytes as they stand in the file, so that a text met before is
 * recognised without decoding it. Several spellings (escaped or not) may lead to one text: they get
 * one id.
 *
 * Programs repeat themselves: after the same three texts usually comes the same fourth (on real
 * traces in 80 to 90 of 100 cases). {@link isFollower} tries that one first, which saves looking for
 * the text's end.
 */
@unmanaged
export class Texts {
  private spelling: i32 = 0;
  /** Addresses of entries by hash, linear probing; 0 is free. */
  private slots: usize = 0;
  private slotCount: u32 = 0;
  private count: u32 = 0;
  /** Address of the entry that came next after the texts of a context; 0 before there was one. */
  private followers: usize = 0;
  private contexts: u32 = 0;
  private context: u32 = 0;
  private last: u32 = 0;
  private beforeLast: u32 = 0;

  /** @param contexts {@link MANY} or {@link FEW}. */
  constructor(spelling: i32, contexts: u32) {
    this.spelling = spelling;
    this.contexts = contexts;
    this.followers = zeros(contexts * sizeof<usize>());
    this.slotCount = 1 << 10;
    this.slots = zeros(this.slotCount * sizeof<usize>());
  }

  /** Length of the text expected next, if it stands at `at`, before `end`; 0 when it does not. */
  follower(at: usize, end: usize): usize {
    const entry = changetype<Entry>(load<usize>(this.followers + this.context * sizeof<usize>()));
    if (changetype<usize>(entry) === 0 || at + entry.length > end) return 0;
    return areEqual(entry.place, at, entry.length) ? entry.length : 0;
  }

  /** Id of the text {@link follower} has just found. */
  takeFollower(): i32 {
    return this.pass(load<usize>(this.followers + this.context * sizeof<usize>()));
  }

  /** Id of the text of `length` at `start`; -1 when it means nothing. */
  idOf(start: usize, length: usize): i32 {
    const hash = hashOf(start, length);
    let slot = this.slotOf(hash);
    for (let found = load<usize>(slot); found !== 0; found = load<usize>(slot)) {
      const entry = changetype<Entry>(found);
      if (entry.hash === hash && entry.length === length && areEqual(entry.place, start, length)) {
        return this.meet(found);
      }
      slot = this.nextSlot(slot);
    }
    return this.add(start, length, hash);
  }

  private meet(entry: usize): i32 {
    store<usize>(this.followers + this.context * sizeof<usize>(), entry);
    return this.pass(entry);
  }

  private pass(entry: usize): i32 {
    const three = (entry as u32) * 0x9e37 + this.last * 0x85eb + this.beforeLast;
    this.context = (three ^ (three >> 14)) & (this.contexts - 1);
    this.beforeLast = this.last * 0x27d5;
    this.last = entry as u32;
    return changetype<Entry>(entry).id;
  }

  private add(start: usize, length: usize, hash: u32): i32 {
    const id = idOfText(this.spelling, start, length);
    if (id < 0) return -1;
    const entry = new Entry();
    entry.place = keep(start, length);
    entry.length = length;
    entry.hash = hash;
    entry.id = id;
    if (++this.count * 2 > this.slotCount) this.grow();
    this.place(changetype<usize>(entry));
    return this.meet(changetype<usize>(entry));
  }

  private grow(): void {
    const old = this.slots;
    const end = old + this.slotCount * sizeof<usize>();
    this.slotCount *= 2;
    this.slots = zeros(this.slotCount * sizeof<usize>());
    for (let slot = old; slot < end; slot += sizeof<usize>()) {
      const entry = load<usize>(slot);
      if (entry !== 0) this.place(entry);
    }
    heap.free(old);
  }

  private place(entry: usize): void {
    let slot = this.slotOf(changetype<Entry>(entry).hash);
    while (load<usize>(slot) !== 0) slot = this.nextSlot(slot);
    store<usize>(slot, entry);
  }

  private slotOf(hash: u32): usize {
    return this.slots + (hash & (this.slotCount - 1)) * sizeof<usize>();
  }

  private nextSlot(slot: usize): usize {
    const next = slot + sizeof<usize>();
    return next === this.slots + this.slotCount * sizeof<usize>() ? this.slots : next;
  }
}

@unmanaged
class NumberEntry {
  value: i64 = 0;
  id: i32 = 0;
  next: NumberEntry | null = null;
}

const NUMBER_SLOTS = 1 << 10;

/** Ids of lanes that are numbers. Traces have few, and one follows itself. */
@unmanaged
export class NumberTexts {
  private slots: usize = 0;
  private last: NumberEntry | null = null;

  constructor() {
    this.slots = zeros(NUMBER_SLOTS * sizeof<usize>());
  }

  idOf(value: i64): i32 {
    const last = this.last;
    if (last !== null && last.value === value) return last.id;
    const entry = this.entryOf(value);
    this.last = entry;
    return entry.id;
  }

  private entryOf(value: i64): NumberEntry {
    const slot = this.slots + ((value & (NUMBER_SLOTS - 1)) as usize) * sizeof<usize>();
    const first = changetype<NumberEntry | null>(load<usize>(slot));
    let entry = first;
    while (entry !== null) {
      if (entry.value === value) return entry;
      entry = entry.next;
    }
    const added = new NumberEntry();
    added.value = value;
    added.id = idOfNumber(value as f64);
    added.next = first;
    store<usize>(slot, changetype<usize>(added));
    return added;
  }
}

/** Length and words of a text, of a long one every so many, the last whole. */
function hashOf(start: usize, length: usize): u32 {
  let hash = (length as u64) * 0x9e3779b97f4a7c15;
  if (length < 8) {
    for (let at: usize = 0; at < length; at++) hash = mixed(hash, load<u8>(start + at));
  } else {
    const last = length - 8;
    const step: usize = 8 * (1 + length / (8 * HASHED_WORDS));
    for (let at: usize = 0; at < last; at += step) hash = mixed(hash, load<u64>(start + at));
    hash = mixed(hash, load<u64>(start + last));
  }
  return (hash >> 32) as u32;
}

function mixed(hash: u64, word: u64): u64 {
  const product = (hash ^ word) * 0x9fb21c651e98df25;
  return product ^ (product >> 29);
}
