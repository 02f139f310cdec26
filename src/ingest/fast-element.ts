import type { ByteWindow } from "./byte-window.ts";
import { clearRow, type EventRow, newEventRow } from "./event-row.ts";
import { KeyTable } from "./key-table.ts";
import { END, LayoutPath, Layouts, type Step } from "./layouts.ts";
import { RawTexts } from "./raw-texts.ts";
import type { TextId, TextTable } from "./text-table.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Digits a double holds whatever they are. */
const EXACT_DIGITS = 15;

/** Fields by number: the steps of a layout. The order is that of the keys below. */
const PH = 0;
const CAT = 1;
const NAME = 2;
const PID = 3;
const TID = 4;
const TS = 5;
const DUR = 6;
const ARGS = 7;
const KEYS = new KeyTable(["ph", "cat", "name", "pid", "tid", "ts", "dur", "args"]);

const FIRST_ARGUMENT = 8;
const CORRELATION = 8;
const EXTERNAL_ID = 9;
const DEVICE = 10;
const STREAM = 11;
const GRID = 12;
const BLOCK = 13;
const BYTES = 14;
const DIMS = 15;
const TYPES = 16;
const KERNEL = 17;
const DETAIL = 18;
const LABEL = 19;
const GRAPH_ID = 20;
const GRAPH_NODE_ID = 21;
const WAIT_ON = 22;
const ARGUMENT_KEYS = new KeyTable([
  "correlation",
  "External id",
  "device",
  "stream",
  "grid",
  "block",
  "bytes",
  "Input Dims",
  "Input type",
  "kernel",
  "kind",
  "name",
  "graph id",
  "graph node id",
  "wait_on_stream",
  "Collective name",
]);
/** A value nobody reads. */
const SKIP = 24;

/** Bytes by what may stand where: each table is 1 for the bytes a loop may run over. */
const IN_STRING = byteTable((byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH);
const IN_TOKEN = byteTable((byte) => /[\w+.-]/.test(String.fromCharCode(byte)) && byte < 0x80);
const IN_NESTED = byteTable((byte) => byte !== 0 && !'"[]{}'.includes(String.fromCharCode(byte)));
const BLANK = byteTable((byte) => [0x20, 0x0a, 0x0d, 0x09].includes(byte));

function byteTable(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}

/**
 * Reads one element of `traceEvents` straight from its bytes into a row, in one pass, building no
 * objects. It understands the plain spelling of every field the program uses, in any order and
 * layout; at anything else it gives up, and the slow path decides. Values nobody reads are passed
 * over without checking them fully: `01` or `[1}` in such a place is not noticed.
 */
export class FastElement {
  readonly row: EventRow = newEventRow();
  private readonly layouts = new Layouts();
  private readonly categories: RawTexts;
  private readonly names: RawTexts;
  private readonly otherTexts: RawTexts;
  private readonly escaped: RawTexts;
  private readonly shapes: RawTexts;
  private readonly types: RawTexts;
  private readonly sizes: RawTexts;
  private readonly pids: LaneTexts;
  private readonly tids: LaneTexts;
  private readonly streams: LaneTexts;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private end = 0;
  /** What the value reader called last found. */
  private value = 0;
  private ns = 0;

  constructor(texts: TextTable) {
    this.categories = new RawTexts(texts, plain);
    this.names = new RawTexts(texts, plain);
    this.otherTexts = new RawTexts(texts, plain);
    this.escaped = new RawTexts(texts, unescaped);
    this.shapes = new RawTexts(texts, normalised);
    this.types = new RawTexts(texts, normalised);
    this.sizes = new RawTexts(texts, normalised);
    this.pids = new LaneTexts(texts);
    this.tids = new LaneTexts(texts);
    this.streams = new LaneTexts(texts);
  }

  /** @returns where the element that opens at `at` ends, -1 when it is not for this reader. */
  read(window: ByteWindow, at: number): number {
    this.bytes = window.bytes;
    this.view = window.view;
    this.end = window.end;
    clearRow(this.row);
    const end = this.readByLayout(at);
    if (end >= 0) return end;
    clearRow(this.row);
    return this.readByKeys(at);
  }

  private readByLayout(at: number): number {
    const { layouts, view, end } = this;
    let nodes = layouts.first;
    let p = at;
    for (;;) {
      const node = layouts.match(nodes, view, p, end);
      if (node === null) return -1;
      p += node.length;
      if (node.step === END) return p;
      p = this.field(node.step, p);
      if (p < 0) return -1;
      nodes = node.next;
    }
  }

  private readByKeys(at: number): number {
    const path = new LayoutPath();
    const end = this.members(at, KEYS, 0, path);
    if (end >= 0) this.layouts.learn(this.bytes, this.view, at, end, path);
    return end;
  }

  /** Reads the members of the object that opens at `at`; those of `args` in their turn. */
  private members(at: number, keys: KeyTable, firstKey: number, path: LayoutPath): number {
    const { bytes } = this;
    let argumentsSeen = false;
    let p = this.blanks(at + 1);
    if (bytes[p] === CLOSE) return p + 1;
    for (;;) {
      const keyEnd = this.stringEnd(p);
      if (keyEnd < 0) return -1;
      const found = keys.find(bytes, p + 1, keyEnd);
      p = this.blanks(keyEnd + 1);
      if (bytes[p] !== COLON) return -1;
      p = this.blanks(p + 1);
      const step = found < 0 ? SKIP : firstKey + found;
      if (step === ARGS) {
        if (argumentsSeen || bytes[p] !== OPEN) return -1;
        argumentsSeen = true;
        p = this.members(p, ARGUMENT_KEYS, FIRST_ARGUMENT, path);
      } else {
        const start = p;
        p = this.field(step, p);
        path.add(step, start, p);
      }
      if (p < 0) return -1;
      p = this.blanks(p);
      if (bytes[p] === COMMA) p = this.blanks(p + 1);
      else return bytes[p] === CLOSE ? p + 1 : -1;
    }
  }

  /** Reads the value at `p` into the row. @returns where it ends, -1 when it is not plain. */
  private field(step: Step, p: number): number {
    const { row } = this;
    let end: number;
    switch (step) {
      case PH:
        return this.phase(p);
      case CAT:
        end = this.text(this.categories, p);
        row.category = this.value;
        return end;
      case NAME:
        end = this.text(this.names, p);
        row.name = this.value;
        return end;
      case PID:
        end = this.lane(this.pids, p);
        row.pid = this.value;
        return end;
      case TID:
        end = this.lane(this.tids, p);
        row.tid = this.value;
        return end;
      case TS:
        end = this.microseconds(p);
        row.us = this.value;
        row.ns = this.ns;
        return end;
      case DUR:
        end = this.microseconds(p);
        row.duration = this.value * 1000 + this.ns;
        return end;
      case CORRELATION:
        end = this.natural(p);
        row.correlation = this.value;
        return end;
      case EXTERNAL_ID:
        end = this.natural(p);
        row.externalId = this.value;
        return end;
      case SKIP:
        return this.skip(p);
      default:
        return this.argument(step, p);
    }
  }

  private argument(step: Step, p: number): number {
    const { row } = this;
    let end: number;
    switch (step) {
      case DEVICE:
        end = this.natural(p);
        row.device = this.value;
        return end;
      case STREAM:
        end = this.lane(this.streams, p);
        row.stream = this.value;
        return end;
      case GRID:
        end = this.list(this.sizes, p);
        row.grid = this.value;
        return end;
      case BLOCK:
        end = this.list(this.sizes, p);
        row.block = this.value;
        return end;
      case BYTES:
        end = this.natural(p);
        row.bytes = this.value;
        return end;
      case DIMS:
        end = this.list(this.shapes, p);
        row.shapes = this.value;
        return end;
      case TYPES:
        end = this.list(this.types, p);
        row.types = this.value;
        return end;
      case KERNEL:
        end = this.text(this.names, p);
        row.kernel = this.value;
        return end;
      default:
        return this.rareArgument(step, p);
    }
  }

  private rareArgument(step: Step, p: number): number {
    const { row } = this;
    let end: number;
    switch (step) {
      case DETAIL:
        end = this.text(this.otherTexts, p);
        row.detail = this.value;
        return end;
      case LABEL:
        end = this.text(this.otherTexts, p);
        row.label = this.value;
        return end;
      case GRAPH_ID:
        end = this.natural(p);
        row.graphId = this.value;
        return end;
      case GRAPH_NODE_ID:
        end = this.natural(p);
        row.graphNodeId = this.value;
        return end;
      case WAIT_ON:
        end = this.lane(this.streams, p);
        row.waitOnStream = this.value;
        return end;
      default:
        // "Collective name": a dozen arguments belong together there, one text for all of them.
        return -1;
    }
  }

  private phase(p: number): number {
    const { bytes } = this;
    const char = bytes[p + 1]!;
    this.row.phase = char;
    return bytes[p] === QUOTE && IN_STRING[char] === 1 && bytes[p + 2] === QUOTE ? p + 3 : -1;
  }

  private blanks(p: number): number {
    const { bytes } = this;
    while (BLANK[bytes[p]!] === 1) p++;
    return p;
  }

  /** Closing quote of the plain string that opens at `p`; -1 when it holds escapes or does not end. */
  private stringEnd(p: number): number {
    const { bytes } = this;
    if (bytes[p] !== QUOTE) return -1;
    p++;
    while (IN_STRING[bytes[p]!] === 1) p++;
    return bytes[p] === QUOTE ? p : -1;
  }

  /** Closing quote of any string that opens at `p`. */
  private anyStringEnd(p: number): number {
    const { bytes } = this;
    p++;
    for (;;) {
      while (IN_STRING[bytes[p]!] === 1) p++;
      if (bytes[p] === QUOTE) return p;
      if (bytes[p] !== BACKSLASH || bytes[p + 1] === 0) return -1;
      p += 2;
    }
  }

  private text(known: RawTexts, p: number): number {
    const { bytes, view } = this;
    if (bytes[p] !== QUOTE) return -1;
    const length = known.followerAt(view, p + 1, this.end);
    if (length >= 0 && bytes[p + 1 + length] === QUOTE) {
      this.value = known.takeFollower();
      return p + length + 2;
    }
    let end = this.stringEnd(p);
    if (end >= 0) this.value = known.idOf(bytes, view, p + 1, end);
    else {
      end = this.anyStringEnd(p);
      if (end < 0) return -1;
      this.value = this.escaped.idOf(bytes, view, p + 1, end);
    }
    return this.value < 0 ? -1 : end + 1;
  }

  /** Process, thread and stream ids: numbers in some files, texts in others, texts here. */
  private lane(known: LaneTexts, p: number): number {
    if (this.bytes[p] === QUOTE) return this.text(this.otherTexts, p);
    const negative = this.bytes[p] === MINUS;
    const end = this.natural(negative ? p + 1 : p);
    // "-0" has more than one spelling.
    if (negative && this.value === 0) return -1;
    this.value = known.idOf(negative ? -this.value : this.value);
    return end;
  }

  /** Digits to `value`; -1 when there are none, too many, or a 0 in front of others. */
  private natural(p: number): number {
    const { bytes } = this;
    const first = p;
    let value = 0;
    for (let c = bytes[p]!; c >= ZERO && c <= NINE; c = bytes[++p]!)
      value = value * 10 + (c - ZERO);
    const count = p - first;
    if (count === 0 || count > EXACT_DIGITS || (count > 1 && bytes[first] === ZERO)) return -1;
    this.value = value;
    return p;
  }

  /** Whole microseconds to `value`, the rest to `ns`, as splitMicroseconds has it. */
  private microseconds(p: number): number {
    const { bytes } = this;
    const negative = bytes[p] === MINUS;
    if (negative) p++;
    const first = p;
    let us = 0;
    for (let c = bytes[p]!; c >= ZERO && c <= NINE; c = bytes[++p]!) us = us * 10 + (c - ZERO);
    if (p === first || (bytes[first] === ZERO && p > first + 1)) return -1;
    if (us > Number.MAX_SAFE_INTEGER) return -1;
    this.ns = 0;
    if (bytes[p] === DOT) {
      p = this.thousandths(p + 1);
      if (p < 0) return -1;
    }
    this.value = negative ? 0 - us : us;
    if (negative) this.ns = 0 - this.ns;
    return p;
  }

  private thousandths(p: number): number {
    const { bytes } = this;
    const first = p;
    let ns = 0;
    let scale = 100;
    for (let c = bytes[p]!; c >= ZERO && c <= NINE; c = bytes[++p]!) {
      const place = p - first;
      if (place < 3) {
        ns += (c - ZERO) * scale;
        scale = (scale / 10) | 0;
      } else if (place === 3 && c >= ZERO + 5) ns++;
    }
    this.ns = ns;
    return p === first ? -1 : p;
  }

  private list(known: RawTexts, p: number): number {
    if (this.bytes[p] !== OPEN_LIST) return -1;
    // A list closes itself: where a whole one stands, no more of it can follow.
    const length = known.followerAt(this.view, p, this.end);
    if (length > 0) {
      this.value = known.takeFollower();
      return p + length;
    }
    const end = this.nested(p);
    if (end < 0) return -1;
    this.value = known.idOf(this.bytes, this.view, p, end);
    return this.value < 0 ? -1 : end;
  }

  private skip(p: number): number {
    const { bytes } = this;
    const c = bytes[p]!;
    if (c === QUOTE) {
      const end = this.anyStringEnd(p);
      return end < 0 ? -1 : end + 1;
    }
    if (c === OPEN_LIST || c === OPEN) return this.nested(p);
    const first = p;
    while (IN_TOKEN[bytes[p]!] === 1) p++;
    return p === first ? -1 : p;
  }

  /** End of the list or object that opens at `p`. */
  private nested(p: number): number {
    const { bytes } = this;
    let depth = 0;
    for (;;) {
      while (IN_NESTED[bytes[p]!] === 1) p++;
      const c = bytes[p]!;
      if (c === QUOTE) {
        p = this.anyStringEnd(p);
        if (p < 0) return -1;
      } else if (c === OPEN || c === OPEN_LIST) depth++;
      else if (c === CLOSE || c === CLOSE_LIST) {
        if (--depth === 0) return p + 1;
      } else return -1;
      p++;
    }
  }
}

/** Lane ids by their number: there are few, and one follows itself. */
class LaneTexts {
  private readonly texts: TextTable;
  private readonly ids = new Map<number, TextId>();
  private last = Number.NaN;
  private lastId = 0;

  constructor(texts: TextTable) {
    this.texts = texts;
  }

  idOf(number: number): TextId {
    if (number === this.last) return this.lastId;
    let id = this.ids.get(number);
    if (id === undefined) {
      id = this.texts.idOf(String(number));
      this.ids.set(number, id);
    }
    this.last = number;
    this.lastId = id;
    return id;
  }
}

function plain(raw: string): string {
  return raw;
}

function unescaped(raw: string): string | null {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return null;
  }
}

function normalised(raw: string): string | null {
  try {
    return JSON.stringify(JSON.parse(raw));
  } catch {
    return null;
  }
}
