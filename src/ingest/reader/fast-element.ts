import { clearRow, type EventRow, newEventRow } from "../columns/event-row.ts";
import type { TextTable } from "../columns/text-table.ts";
import { ByteValues } from "./byte-values.ts";
import type { ByteWindow } from "./byte-window.ts";
import {
  ARGS,
  ARGUMENT_KEYS,
  BLOCK,
  BYTES,
  CAT,
  CORRELATION,
  DETAIL,
  DEVICE,
  DIMS,
  DUR,
  EXTERNAL_ID,
  FEW_VALUED,
  FIRST_ARGUMENT,
  GRAPH_ID,
  GRAPH_NODE_ID,
  GRID,
  KERNEL,
  KEYS,
  LABEL,
  NAME,
  PH,
  PID,
  SKIP,
  STREAM,
  TID,
  TS,
  TYPES,
  WAIT_ON,
} from "./element-fields.ts";
import type { KeyTable } from "./key-table.ts";
import { LaneTexts } from "./lane-texts.ts";
import { type Constant, END, LayoutPath, Layouts, type Step } from "./layouts.ts";
import { RawTexts } from "./raw-texts.ts";
import { shortJson } from "./row-from-object.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Reads one element of `traceEvents` straight from its bytes into a row, in one pass, building no
 * objects. It understands the plain spelling of every field the program uses, in any order and
 * layout; at anything else it gives up, and the slow path decides. Values nobody reads are passed
 * over without checking them fully: `01` or `[1}` in such a place is not noticed.
 */
export class FastElement extends ByteValues {
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
  private end = 0;

  constructor(texts: TextTable) {
    super();
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
      const { constants } = node;
      for (let i = 0; i < constants.length; i++) this.take(constants[i]!);
      const { step } = node;
      if (step === SKIP) p = this.skip(p);
      else if (step === END) return p;
      else p = this.field(step, p);
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
        const value = step === DEVICE ? this.value | 0 : this.id;
        const isConstant = FEW_VALUED.has(step) && (step !== DEVICE || value === this.value);
        path.parts.push({ step, start, end: p, value, isConstant });
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
      // Most frequent first: what layouts hold as constants comes here only while they are learned.
      case NAME:
        end = this.text(this.names, p);
        row.name = this.id;
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
      case EXTERNAL_ID:
        end = this.natural(p);
        row.externalId = this.value;
        return end;
      case CORRELATION:
        end = this.natural(p);
        row.correlation = this.value;
        return end;
      case SKIP:
        return this.skip(p);
      case PH:
        return this.phase(p);
      case CAT:
        end = this.text(this.categories, p);
        row.category = this.id;
        return end;
      case PID:
        end = this.lane(this.pids, p);
        row.pid = this.id;
        return end;
      case TID:
        end = this.lane(this.tids, p);
        row.tid = this.id;
        return end;
      default:
        return this.argument(step, p);
    }
  }

  /** Fills a field whose value the layout knows. */
  private take({ step, value }: Constant): void {
    const { row } = this;
    if (step === PH) row.phase = value;
    else if (step === CAT) row.category = value;
    else if (step === PID) row.pid = value;
    else if (step === TID) row.tid = value;
    else {
      row.hasDetails = true;
      if (step === DEVICE) row.device = value;
      else row.stream = value;
    }
  }

  private argument(step: Step, p: number): number {
    const { row } = this;
    row.hasDetails = true;
    let end: number;
    switch (step) {
      case DEVICE:
        end = this.natural(p);
        row.device = this.value;
        return end;
      case STREAM:
        end = this.lane(this.streams, p);
        row.stream = this.id;
        return end;
      case GRID:
        end = this.list(this.sizes, p);
        row.grid = this.id;
        return end;
      case BLOCK:
        end = this.list(this.sizes, p);
        row.block = this.id;
        return end;
      case BYTES:
        end = this.natural(p);
        row.bytes = this.value;
        return end;
      case DIMS:
        end = this.list(this.shapes, p);
        row.shapes = this.id;
        return end;
      case TYPES:
        end = this.list(this.types, p);
        row.types = this.id;
        return end;
      case KERNEL:
        end = this.text(this.names, p);
        row.kernel = this.id;
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
        row.detail = this.id;
        return end;
      case LABEL:
        end = this.text(this.otherTexts, p);
        row.label = this.id;
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
        row.waitOnStream = this.id;
        return end;
      default:
        // "Collective name": a dozen arguments belong together there, one text for all of them.
        return -1;
    }
  }

  private phase(p: number): number {
    const { bytes } = this;
    const char = bytes[p + 1]!;
    if (bytes[p] !== QUOTE || bytes[p + 2] !== QUOTE) return -1;
    // A byte beyond ASCII is no character of its own.
    if (char < 0x20 || char > 0x7e || char === QUOTE || char === BACKSLASH) return -1;
    this.id = char;
    this.row.phase = char;
    return p + 3;
  }

  private text(known: RawTexts, p: number): number {
    const { bytes, view } = this;
    if (bytes[p] !== QUOTE) return -1;
    const length = known.followerAt(view, p + 1, this.end);
    if (length >= 0 && bytes[p + 1 + length] === QUOTE) {
      this.id = known.takeFollower();
      return p + length + 2;
    }
    let end = this.stringEnd(p);
    if (end >= 0) this.id = known.idOf(bytes, view, p + 1, end);
    else {
      end = this.anyStringEnd(p);
      if (end < 0) return -1;
      this.id = this.escaped.idOf(bytes, view, p + 1, end);
    }
    return this.id < 0 ? -1 : end + 1;
  }

  /** Process, thread and stream ids: numbers in some files, texts in others, texts here. */
  private lane(known: LaneTexts, p: number): number {
    if (this.bytes[p] === QUOTE) return this.text(this.otherTexts, p);
    const negative = this.bytes[p] === MINUS;
    const end = this.natural(negative ? p + 1 : p);
    // "-0" has more than one spelling.
    if (end < 0 || (negative && this.value === 0)) return -1;
    this.id = known.idOf(negative ? -this.value : this.value);
    return end;
  }

  private list(known: RawTexts, p: number): number {
    if (this.bytes[p] !== OPEN_LIST) return -1;
    // A list closes itself: where a whole one stands, no more of it can follow.
    const length = known.followerAt(this.view, p, this.end);
    if (length > 0) {
      this.id = known.takeFollower();
      return p + length;
    }
    const end = this.nested(p);
    if (end < 0) return -1;
    this.id = known.idOf(this.bytes, this.view, p, end);
    return this.id < 0 ? -1 : end;
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
    return shortJson(JSON.parse(raw));
  } catch {
    return null;
  }
}
