import { clearRow, type EventRow, newEventRow } from "./event-row.ts";
import { KeyTable } from "./key-table.ts";
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

const KEYS = new KeyTable(["ph", "cat", "name", "pid", "tid", "ts", "dur", "args"]);
const [PH, CAT, NAME, PID, TID, TS, DUR, ARGS] = [0, 1, 2, 3, 4, 5, 6, 7];

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
const [CORRELATION, EXTERNAL_ID, DEVICE, STREAM, GRID, BLOCK, BYTES, DIMS, TYPES] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];
const [KERNEL, DETAIL, LABEL, GRAPH_ID, GRAPH_NODE_ID, WAIT_ON, COLLECTIVE] = [
  9, 10, 11, 12, 13, 14, 15,
];

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
 *
 * The bytes must be followed by a 0, which stops every loop.
 */
export class FastElement {
  readonly row: EventRow = newEventRow();
  private readonly plain: RawTexts;
  private readonly escaped: RawTexts;
  private readonly json: RawTexts;
  private readonly needsArguments: (category: TextId) => boolean;
  private bytes: Uint8Array = new Uint8Array(1);
  /** What the value reader called last found. */
  private value = 0;
  private ns = 0;

  /** @param needsArguments whether `args` of events of a category are of any use. */
  constructor(texts: TextTable, needsArguments: (category: TextId) => boolean) {
    this.plain = new RawTexts(texts, (raw) => raw);
    this.escaped = new RawTexts(texts, unescaped);
    this.json = new RawTexts(texts, normalised);
    this.needsArguments = needsArguments;
  }

  /** @returns where the element that opens at `at` ends, -1 when it is not for this reader. */
  read(bytes: Uint8Array, at: number): number {
    this.bytes = bytes;
    clearRow(this.row);
    let argumentsSeen = false;
    let argumentsSkipped = false;
    let p = this.blanks(at + 1);
    if (bytes[p] === CLOSE) return p + 1;
    for (;;) {
      const keyEnd = this.stringEnd(p);
      if (keyEnd < 0) return -1;
      const key = KEYS.find(bytes, p + 1, keyEnd);
      p = this.blanks(keyEnd + 1);
      if (bytes[p] !== COLON) return -1;
      p = this.blanks(p + 1);
      if (key === ARGS) {
        if (argumentsSeen) return -1;
        argumentsSeen = true;
        argumentsSkipped = this.row.category !== 0 && !this.needsArguments(this.row.category);
        p = argumentsSkipped && bytes[p] === OPEN ? this.nested(p) : this.arguments(p);
      } else {
        if (key === CAT && argumentsSkipped) return -1;
        p = this.field(key, p);
      }
      if (p < 0) return -1;
      p = this.blanks(p);
      if (bytes[p] === COMMA) p = this.blanks(p + 1);
      else return bytes[p] === CLOSE ? p + 1 : -1;
    }
  }

  private field(key: number, p: number): number {
    const { row } = this;
    let next: number;
    switch (key) {
      case PH:
        row.phase = this.bytes[p + 1]!;
        return this.bytes[p] === QUOTE && IN_STRING[row.phase] === 1 && this.bytes[p + 2] === QUOTE
          ? p + 3
          : -1;
      case CAT:
        next = this.text(p);
        row.category = this.value;
        return next;
      case NAME:
        next = this.text(p);
        row.name = this.value;
        return next;
      case PID:
        next = this.lane(p);
        row.pid = this.value;
        return next;
      case TID:
        next = this.lane(p);
        row.tid = this.value;
        return next;
      case TS:
        next = this.microseconds(p);
        row.us = this.value;
        row.ns = this.ns;
        return next;
      case DUR:
        next = this.microseconds(p);
        row.duration = this.value * 1000 + this.ns;
        return next;
      default:
        return this.skip(p);
    }
  }

  private arguments(at: number): number {
    const { bytes } = this;
    if (bytes[at] !== OPEN) return -1;
    let p = this.blanks(at + 1);
    if (bytes[p] === CLOSE) return p + 1;
    for (;;) {
      const keyEnd = this.stringEnd(p);
      if (keyEnd < 0) return -1;
      const key = ARGUMENT_KEYS.find(bytes, p + 1, keyEnd);
      p = this.blanks(keyEnd + 1);
      if (bytes[p] !== COLON) return -1;
      p = this.blanks(p + 1);
      p = key < 0 ? this.skip(p) : this.argument(key, p);
      if (p < 0) return -1;
      p = this.blanks(p);
      if (bytes[p] === COMMA) p = this.blanks(p + 1);
      else return bytes[p] === CLOSE ? p + 1 : -1;
    }
  }

  private argument(key: number, p: number): number {
    const { row } = this;
    let next: number;
    switch (key) {
      case CORRELATION:
        next = this.natural(p);
        row.correlation = this.value;
        return next;
      case EXTERNAL_ID:
        next = this.natural(p);
        row.externalId = this.value;
        return next;
      case DEVICE:
        next = this.natural(p);
        row.device = this.value;
        return next;
      case STREAM:
        next = this.lane(p);
        row.stream = this.value;
        return next;
      case GRID:
        next = this.list(p);
        row.grid = this.value;
        return next;
      case BLOCK:
        next = this.list(p);
        row.block = this.value;
        return next;
      case BYTES:
        next = this.natural(p);
        row.bytes = this.value;
        return next;
      case DIMS:
        next = this.list(p);
        row.shapes = this.value;
        return next;
      case TYPES:
        next = this.list(p);
        row.types = this.value;
        return next;
      default:
        return this.rareArgument(key, p);
    }
  }

  private rareArgument(key: number, p: number): number {
    const { row } = this;
    let next: number;
    switch (key) {
      case KERNEL:
        next = this.text(p);
        row.kernel = this.value;
        return next;
      case DETAIL:
        next = this.text(p);
        row.detail = this.value;
        return next;
      case LABEL:
        next = this.text(p);
        row.label = this.value;
        return next;
      case GRAPH_ID:
        next = this.natural(p);
        row.graphId = this.value;
        return next;
      case GRAPH_NODE_ID:
        next = this.natural(p);
        row.graphNodeId = this.value;
        return next;
      case WAIT_ON:
        next = this.lane(p);
        row.waitOnStream = this.value;
        return next;
      case COLLECTIVE:
        // A dozen arguments belong together here: one text for all of them.
        return -1;
      default:
        return this.skip(p);
    }
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

  private text(p: number): number {
    const { bytes } = this;
    let end = this.stringEnd(p);
    if (end >= 0) this.value = this.plain.idOf(bytes, p + 1, end);
    else {
      if (bytes[p] !== QUOTE) return -1;
      end = this.anyStringEnd(p);
      if (end < 0) return -1;
      this.value = this.escaped.idOf(bytes, p + 1, end);
    }
    return this.value < 0 ? -1 : end + 1;
  }

  /** Process, thread and stream ids: numbers in some files, texts in others, texts here. */
  private lane(p: number): number {
    const { bytes } = this;
    if (bytes[p] === QUOTE) return this.text(p);
    const digits = bytes[p] === MINUS ? p + 1 : p;
    const end = this.digitsEnd(digits);
    // "-0" has more than one spelling.
    if (end < 0 || (digits > p && bytes[digits] === ZERO)) return -1;
    this.value = this.plain.idOf(bytes, p, end);
    return end;
  }

  private digitsEnd(p: number): number {
    const { bytes } = this;
    const first = p;
    while (bytes[p]! >= ZERO && bytes[p]! <= NINE) p++;
    const count = p - first;
    if (count === 0 || count > EXACT_DIGITS || (count > 1 && bytes[first] === ZERO)) return -1;
    return p;
  }

  private natural(p: number): number {
    const { bytes } = this;
    const end = this.digitsEnd(p);
    let value = 0;
    for (let i = p; i < end; i++) value = value * 10 + (bytes[i]! - ZERO);
    this.value = value;
    return end;
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

  private list(p: number): number {
    if (this.bytes[p] !== OPEN_LIST) return -1;
    const end = this.nested(p);
    if (end < 0) return -1;
    this.value = this.json.idOf(this.bytes, p, end);
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
