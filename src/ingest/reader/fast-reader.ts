import type { TraceBuilder } from "../columns/trace-builder.ts";
import { ByteWindow } from "./byte-window.ts";
import { type CutState, cutInside, cutValue, newCut } from "./cut-value.ts";
import { listEnd, nextElement } from "./element-start.ts";
import { EventList } from "./event-list.ts";
import type { EventReader } from "./event-reader.ts";
import { blanksEnd, parsed, textOf } from "./json-bytes.ts";
import { salvageValue } from "./salvage.ts";
import { Scanner } from "./scanner.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BOM = [0xef, 0xbb, 0xbf];

/** No recorder starts with this much white space: what does is no trace. */
const MOST_LEADING_BLANKS = 16 << 20;
/** Longer keys and top-level values are passed over, not kept. */
const LONGEST_KEY = 1 << 20;
const LARGEST_HEAD_VALUE = 16 << 20;
/** An element this long may have lost a quote: look for the start of another inside it. */
const SUSPICIOUS = 1 << 20;
const LARGEST_ELEMENT = 64 << 20;

/** How far behind a broken element the next one is looked for. */
const LOOKED_BEYOND = 4096;
const EVENTS_KEY = /"?traceEvents"\s*:\s*\[/;
const LONGEST_EVENTS_KEY = 64;

/** Behind the bracket that opens the list of events; -1 without one. */
function eventsStart(bytes: Buffer): number {
  const found = EVENTS_KEY.exec(bytes.toString("latin1"));
  return found === null ? -1 : found.index + found[0].length;
}

/** Bytes looked at again within broken elements: so many, and so many for each byte of the file. */
const MOST_SEEN_TWICE = 64 << 20;
const SEEN_TWICE = 4;

/**
 * Where in the document the next byte stands: before it, between two top-level members, in the
 * value of one that is kept as metadata, behind broken metadata and looking for the events, in the
 * list of events, behind the document, or beyond what can be read.
 */
type State = "start" | "member" | "value" | "seeking" | "events" | "after" | "stopped";

/**
 * The byte reader: one pass over the bytes, whatever their number, with a window of a few megabytes.
 * Elements in plain spelling go straight into the builder's columns; everything else is cut out
 * and parsed. Of broken elements is kept what can be read; the others are counted and passed over.
 */
export class FastReader implements EventReader {
  /** Without prototype: a key may be `__proto__`. */
  readonly head: Record<string, unknown> = Object.create(null);
  sawEvents = false;
  damage: string | null = null;
  notJsonAt: number | null = null;
  isCut = false;
  isWhole = false;

  readonly #list: EventList;
  readonly #window: ByteWindow;
  #state: State = "start";
  /** The document is a list of events without an object around it. */
  #bare = false;
  #ended = false;
  /** Bytes the window must hold before looking again makes sense. */
  #wanted = 0;
  /** Bytes of broken elements that were looked at again, because an event may start inside. */
  #seenTwice = 0;
  #key = "";
  #cut: CutState = newCut();
  #pieces: Buffer[] = [];
  #pieceBytes = 0;

  constructor(builder: TraceBuilder) {
    const scanner = new Scanner(builder.texts);
    this.#list = new EventList(builder, scanner);
    this.#window = new ByteWindow(scanner);
  }

  get stopped(): boolean {
    return this.#state === "stopped";
  }

  push(chunk: Uint8Array): void {
    this.#window.append(chunk);
    if (this.#window.length < this.#wanted) return;
    this.#wanted = 0;
    while (this.#step());
  }

  end(): void {
    this.#ended = true;
    while (this.#step());
    if (this.#state === "value" && !this.sawEvents) this.#leaveSwallowing();
    const at = this.#window.positionOf(this.#window.end);
    if (this.#state === "start") this.notJsonAt = at;
    else if (this.#state === "events") {
      this.isCut = true;
      this.#note(this.#cutInEvents(at));
    } else if (this.#state === "value") {
      const inside = cutInside(this.#cut, this.#pieces.at(-1)?.at(-1) ?? 0);
      this.#note(`JSON cut ${inside} at byte ${at}, in the value of "${this.#key}"`);
    } else if (this.#state === "member") this.#note(`JSON cut at byte ${at}, before its closing }`);
  }

  /** One step of the envelope; false when it needs more bytes. */
  #step(): boolean {
    switch (this.#state) {
      case "start":
        return this.#openDocument();
      case "member":
        return this.#readMember();
      case "value":
        return this.#readHeadValue();
      case "seeking":
        return this.#seekEvents();
      case "events":
        return this.#readEvents();
      case "after":
        return this.#readRest();
      case "stopped":
        this.#window.start = this.#window.end;
        return false;
    }
  }

  #openDocument(): boolean {
    const window = this.#window;
    if (window.positionOf(window.start) === 0 && window.bytes[window.start] === BOM[0]) {
      if (window.length < BOM.length && !this.#ended) return false;
      if (BOM.every((byte, i) => window.bytes[i] === byte)) window.start += BOM.length;
    }
    const next = this.#nextByte();
    const at = window.positionOf(window.start);
    if (next === OPEN || next === OPEN_LIST) {
      this.#bare = next === OPEN_LIST;
      this.#enter(this.#bare ? "events" : "member", window.start + 1);
      return true;
    }
    if (next !== -1 || at > MOST_LEADING_BLANKS) {
      this.notJsonAt = at;
      this.#state = "stopped";
      return true;
    }
    return false;
  }

  #readMember(): boolean {
    const window = this.#window;
    const next = this.#nextByte();
    if (next === -1) return false;
    if (next === COMMA) window.start++;
    else if (next === CLOSE) this.#enter("after", window.start + 1);
    else if (next === QUOTE) return this.#readKey();
    else this.#loseMember(`unexpected byte at ${window.positionOf(window.start)} between members`);
    return true;
  }

  /** Broken metadata costs itself: events behind it are looked for, behind the events nothing is needed. */
  #loseMember(damage: string): void {
    if (this.sawEvents) this.#giveUp(damage);
    else {
      this.#note(damage);
      this.#state = "seeking";
    }
  }

  #seekEvents(): boolean {
    const window = this.#window;
    const text = Buffer.from(
      window.bytes.buffer,
      window.bytes.byteOffset + window.start,
      window.length,
    );
    const events = eventsStart(text);
    if (events >= 0) this.#enter("events", window.start + events);
    else window.start = Math.max(window.start, window.end - LONGEST_EVENTS_KEY);
    return events >= 0;
  }

  /** A value that lost a quote goes on to the end of the file; the events lie within it then. */
  #leaveSwallowing(): void {
    const swallowed = Buffer.concat(this.#pieces);
    const events = eventsStart(swallowed);
    if (events < 0) return;
    this.#note(`value of "${this.#key}" does not end before the events`);
    this.#window.append(swallowed.subarray(events));
    this.#state = "events";
    while (this.#step());
  }

  /** Reads a key and the first byte of its value; nothing is used up until both are there. */
  #readKey(): boolean {
    const { bytes, start, end } = this.#window;
    const keyEnd = cutValue(newCut(), bytes, start, end);
    if (keyEnd < 0) {
      if (end - start <= LONGEST_KEY) return false;
      this.#loseMember(`a key of over ${LONGEST_KEY} bytes`);
      return true;
    }
    const colon = blanksEnd(bytes, keyEnd);
    const value = blanksEnd(bytes, colon + 1);
    if (Math.max(colon, value) >= end) return false;
    const key = parsed(textOf(bytes, start, keyEnd));
    if (bytes[colon] !== COLON || typeof key !== "string") {
      this.#loseMember(`broken key at byte ${this.#window.positionOf(start)}`);
      return true;
    }
    this.#key = key;
    if (key === "traceEvents" && bytes[value] === OPEN_LIST) this.#enter("events", value + 1);
    else {
      this.#cut = newCut();
      this.#pieces = [];
      this.#pieceBytes = 0;
      this.#enter("value", value);
    }
    return true;
  }

  #readHeadValue(): boolean {
    const window = this.#window;
    const { bytes, start, end } = window;
    const valueEnd = cutValue(this.#cut, bytes, start, end);
    const stop = valueEnd < 0 ? end : valueEnd;
    this.#pieceBytes += stop - start;
    if (this.#pieceBytes <= LARGEST_HEAD_VALUE) {
      this.#pieces.push(Buffer.from(bytes.subarray(start, stop)));
    } else this.#pieces = [];
    window.start = stop;
    if (valueEnd < 0) return false;
    this.#state = "member";
    if (this.#pieceBytes > LARGEST_HEAD_VALUE) return true;
    const text = Buffer.concat(this.#pieces).toString();
    const value = parsed(text) ?? salvageValue(text);
    if (value !== undefined) this.head[this.#key] = value;
    else this.#note(`value of "${this.#key}" before byte ${window.positionOf(stop)} is broken`);
    return true;
  }

  #readEvents(): boolean {
    this.sawEvents = true;
    const window = this.#window;
    const at = this.#list.read(window);
    window.start = at;
    if (at >= window.end) return false;
    if (window.bytes[at] === CLOSE_LIST) {
      this.#enter(this.#bare ? "after" : "member", at + 1);
      return true;
    }
    const end = cutValue(newCut(), window.bytes, at, window.end);
    const next = end < 0 ? this.#unended(at) : this.#passOver(at, end);
    if (next < 0) return this.stopped;
    window.start = next;
    return true;
  }

  #unended(at: number): number {
    const window = this.#window;
    const length = window.end - at;
    if (length > SUSPICIOUS || this.#ended) {
      const next = nextElement(window.bytes, at + 1, window.end, true);
      if (next >= 0) return this.#passOver(at, next);
      const last = this.#ended ? listEnd(window.bytes, at + 1, window.end) : -1;
      if (last >= 0) return this.#passOver(at, last);
    }
    if (length > LARGEST_ELEMENT) {
      const place = window.positionOf(at);
      this.#giveUp(`element at byte ${place} does not end within ${LARGEST_ELEMENT} bytes`);
    } else this.#wanted = length > SUSPICIOUS ? length * 2 : length + (length >> 1);
    return -1;
  }

  /**
   * Takes what can be read of the broken element at `at`. By its quotes and brackets it ends at
   * `end`, but those may be what is broken: if the next event begins elsewhere, that is its end.
   */
  #passOver(at: number, end: number): number {
    const window = this.#window;
    if (window.end - end < LOOKED_BEYOND && !this.#ended) {
      this.#wanted = end - at + LOOKED_BEYOND;
      return -1;
    }
    const beyond = Math.min(window.end, end + LOOKED_BEYOND);
    const next = nextElement(window.bytes, at + 1, beyond, false);
    const stop = next < 0 ? end : next;
    if (stop < end) this.#seenTwice += end - stop;
    const isTooMuch = this.#seenTwice > MOST_SEEN_TWICE + SEEN_TWICE * window.positionOf(at);
    if (!this.#list.salvage(window, at, Math.min(stop, at + SUSPICIOUS)))
      this.#note(`element at byte ${window.positionOf(at)} is not valid JSON`);
    return isTooMuch ? Math.max(end, stop) : stop;
  }

  #readRest(): boolean {
    this.isWhole = true;
    if (this.#nextByte() === -1) return false;
    const { bytes, start } = this.#window;
    const at = this.#window.positionOf(start);
    const isDocument = bytes[start] === 0x7b || bytes[start] === 0x5b;
    this.#giveUp(`data behind the end of the JSON at byte ${at}`);
    // What a shell or a full disk left there holds no event.
    this.isCut = isDocument;
    return true;
  }

  #cutInEvents(at: number): string {
    const { bytes, start, end } = this.#window;
    if (start === end) return `JSON cut between events at byte ${at}`;
    const cut = newCut();
    cutValue(cut, bytes, start, end);
    return `JSON cut ${cutInside(cut, bytes[end - 1]!)} at byte ${at}`;
  }

  /** Passes blanks; -1 when nothing else is left in the window. */
  #nextByte(): number {
    const window = this.#window;
    window.start = blanksEnd(window.bytes, window.start);
    return window.start >= window.end ? -1 : window.bytes[window.start]!;
  }

  #enter(state: State, start: number): void {
    this.#state = state;
    this.#window.start = start;
  }

  /** Nothing more will be read; behind the list of events that costs no event. */
  #giveUp(damage: string): void {
    this.isCut = this.#state !== "member" || !this.sawEvents;
    this.#note(damage);
    this.#state = "stopped";
  }

  #note(damage: string): void {
    this.damage ??= damage;
  }
}
