import { zeros } from "./arena.ts";
import * as byte from "./bytes.ts";
import * as field from "./fields.ts";
import { ARGUMENT_KEYS, KEYS, KeyTable } from "./keys.ts";
import { LayoutNode, learnPath, nextNode, notePart, ROOT, startPath } from "./layouts.ts";
import { decimal, isNegative, natural, thousandths, whole } from "./numbers.ts";
import * as at from "./row-layout.ts";
import { ESCAPED, FEW, LIST, MANY, NumberTexts, PLAIN, Texts } from "./texts.ts";

const categories = new Texts(PLAIN, FEW);
const names = new Texts(PLAIN, MANY);
const otherTexts = new Texts(PLAIN, FEW);
const escaped = new Texts(ESCAPED, FEW);
const shapes = new Texts(LIST, MANY);
const types = new Texts(LIST, MANY);
const strides = new Texts(LIST, MANY);
const concrete = new Texts(LIST, MANY);
const sizes = new Texts(LIST, MANY);
const pids = new NumberTexts();
const tids = new NumberTexts();
const streams = new NumberTexts();

const NO_ID: f64 = -1;
const emptyRow = newEmptyRow();

/** Address of the row being filled. */
let row: usize = 0;
/** Behind the last byte there is. */
let end: usize = 0;
/** What was found last: a text's id, a phase, a small number. */
let found: i32 = 0;

function newEmptyRow(): usize {
  const empty = zeros(at.ROW_BYTES);
  store<f64>(empty, NaN, at.US_AT);
  store<f64>(empty, NaN, at.DURATION_AT);
  store<f64>(empty, NO_ID, at.CORRELATION_AT);
  store<f64>(empty, NO_ID, at.EXTERNAL_ID_AT);
  store<f64>(empty, NaN, at.DEVICE_AT);
  store<f64>(empty, NaN, at.BYTES_AT);
  store<f64>(empty, NO_ID, at.GRAPH_ID_AT);
  store<f64>(empty, NO_ID, at.GRAPH_NODE_ID_AT);
  return empty;
}

function clearRow(): void {
  for (let offset = 0; offset < at.ROW_BYTES; offset += 16) {
    v128.store(row + offset, v128.load(emptyRow + offset));
  }
}

/**
 * Reads one element of `traceEvents` straight from its bytes into a row, in one pass. It
 * understands the plain spelling of every field the program uses, in any order and layout; at
 * anything else it gives up, and the slow path decides. Values nobody reads are passed over
 * without checking them fully: `01` or `[1}` in such a place is not noticed.
 *
 * @returns where the element that opens at `start` ends, 0 when it is not for this reader.
 */
export function readElement(start: usize, limit: usize, into: usize): usize {
  row = into;
  end = limit;
  clearRow();
  const known = readByLayout(start);
  if (known !== 0) return known;
  clearRow();
  startPath();
  const next = readMembers(start, KEYS);
  if (next !== 0) learnPath(start, next);
  return next;
}

function readByLayout(start: usize): usize {
  let node: LayoutNode = ROOT;
  let p = start;
  while (true) {
    const next = nextNode(node, p, end);
    if (next === null) return 0;
    p += next.length;
    let constant = next.constants;
    while (constant !== null) {
      if (constant.offset === at.DEVICE_AT) store<f64>(row, constant.value, at.DEVICE_AT);
      else store<i32>(row + constant.offset, constant.value);
      constant = constant.next;
    }
    if (next.field === field.END) return p;
    p = readField(next.field, p);
    if (p === 0) return 0;
    node = next;
  }
}

/** Reads the members of the object that opens at `start`; those of `args` in their turn. */
function readMembers(start: usize, keys: KeyTable): usize {
  let hasArguments = false;
  let p = byte.blanksEnd(start + 1);
  if (load<u8>(p) === byte.CLOSE) return p + 1;
  while (true) {
    const keyEnd = byte.plainStringEnd(p);
    if (keyEnd === 0) return 0;
    const key = keys.find(p + 1, keyEnd - p - 1);
    p = byte.blanksEnd(keyEnd + 1);
    if (load<u8>(p) !== byte.COLON) return 0;
    p = byte.blanksEnd(p + 1);
    if (key === field.ARGS) {
      if (hasArguments || load<u8>(p) !== byte.OPEN) return 0;
      hasArguments = true;
      p = readMembers(p, ARGUMENT_KEYS);
    } else {
      const from = p;
      p = readField(key, p);
      notePart(key, from, p, found);
    }
    if (p === 0) return 0;
    p = byte.blanksEnd(p);
    if (load<u8>(p) === byte.COMMA) p = byte.blanksEnd(p + 1);
    else return load<u8>(p) === byte.CLOSE ? p + 1 : 0;
  }
}

/** Reads the value at `p` into the row. @returns where it ends, 0 when it is not plain. */
function readField(key: i32, p: usize): usize {
  switch (key) {
    case field.NAME:
      return intoText(names, p, at.NAME_AT);
    case field.TS:
      return readStart(p);
    case field.DUR:
      return readDuration(p);
    case field.EXTERNAL_ID:
      return intoNatural(p, at.EXTERNAL_ID_AT);
    case field.CORRELATION:
      return intoNatural(p, at.CORRELATION_AT);
    case field.SKIP:
      return byte.valueEnd(p);
    case field.PH:
      return readPhase(p);
    case field.CAT:
      return intoText(categories, p, at.CATEGORY_AT);
    case field.PID:
      return intoLane(pids, p, at.PID_AT);
    case field.TID:
      return intoLane(tids, p, at.TID_AT);
    default:
      store<i32>(row, 1, at.HAS_DETAILS_AT);
      return readDetail(key, p);
  }
}

function readDetail(key: i32, p: usize): usize {
  switch (key) {
    case field.DEVICE:
      return readDevice(p);
    case field.STREAM:
      return intoLane(streams, p, at.STREAM_AT);
    case field.GRID:
      return intoList(sizes, p, at.GRID_AT);
    case field.BLOCK:
      return intoList(sizes, p, at.BLOCK_AT);
    case field.BYTES:
      return intoNatural(p, at.BYTES_AT);
    case field.DIMS:
      return intoList(shapes, p, at.SHAPES_AT);
    case field.TYPES:
      return intoList(types, p, at.TYPES_AT);
    case field.STRIDES:
      return intoList(strides, p, at.STRIDES_AT);
    case field.CONCRETE:
      return intoList(concrete, p, at.CONCRETE_AT);
    case field.KERNEL:
      return intoText(names, p, at.KERNEL_AT);
    case field.DETAIL:
      return intoText(otherTexts, p, at.DETAIL_AT);
    case field.LABEL:
      return intoText(otherTexts, p, at.LABEL_AT);
    case field.GRAPH_ID:
      return intoNatural(p, at.GRAPH_ID_AT);
    case field.GRAPH_NODE_ID:
      return intoNatural(p, at.GRAPH_NODE_ID_AT);
    case field.WAIT_ON:
      return intoLane(streams, p, at.WAIT_ON_AT);
    default:
      // "Collective name": a dozen arguments belong together there, one text for all of them.
      return 0;
  }
}

function readStart(p: usize): usize {
  p = decimal(p);
  const us = whole as f64;
  store<f64>(row, isNegative ? 0 - us : us, at.US_AT);
  store<i32>(row, isNegative ? 0 - thousandths : thousandths, at.NS_AT);
  return p;
}

function readDuration(p: usize): usize {
  p = decimal(p);
  const ns = (whole as f64) * 1000 + (thousandths as f64);
  store<f64>(row, isNegative ? 0 - ns : ns, at.DURATION_AT);
  return p;
}

function readDevice(p: usize): usize {
  p = intoNatural(p, at.DEVICE_AT);
  found = whole > 0x7fffffff ? -1 : (whole as i32);
  return p;
}

function readPhase(p: usize): usize {
  const char = load<u8>(p, 1);
  if (load<u8>(p) !== byte.QUOTE || load<u8>(p, 2) !== byte.QUOTE) return 0;
  // A byte beyond ASCII is no character of its own.
  if (char < 0x20 || char > 0x7e || char === byte.QUOTE || char === byte.BACKSLASH) return 0;
  found = char;
  store<i32>(row, char, at.PHASE_AT);
  return p + 3;
}

function intoNatural(p: usize, offset: usize): usize {
  p = natural(p);
  store<f64>(row + offset, whole as f64);
  return p;
}

function intoText(known: Texts, p: usize, offset: usize): usize {
  p = readText(known, p);
  store<i32>(row + offset, found);
  return p;
}

function readText(known: Texts, p: usize): usize {
  if (load<u8>(p) !== byte.QUOTE) return 0;
  const start = p + 1;
  const length = known.follower(start, end);
  if (length > 0 && load<u8>(start + length) === byte.QUOTE) {
    found = known.takeFollower();
    return start + length + 1;
  }
  let close = byte.plainStringEnd(p);
  if (close !== 0) found = known.idOf(start, close - start);
  else {
    close = byte.anyStringEnd(p);
    if (close === 0) return 0;
    found = escaped.idOf(start, close - start);
  }
  return found < 0 ? 0 : close + 1;
}

/** Process, thread and stream ids: numbers in some files, texts in others, texts here. */
function intoLane(known: NumberTexts, p: usize, offset: usize): usize {
  if (load<u8>(p) === byte.QUOTE) return intoText(otherTexts, p, offset);
  const isBelowZero = load<u8>(p) === byte.MINUS;
  const close = natural(isBelowZero ? p + 1 : p);
  // "-0" has more than one spelling.
  if (close === 0 || (isBelowZero && whole === 0)) return 0;
  const value = whole as i64;
  found = known.idOf(isBelowZero ? -value : value);
  store<i32>(row + offset, found);
  return close;
}

function intoList(known: Texts, p: usize, offset: usize): usize {
  if (load<u8>(p) !== byte.OPEN_LIST) return 0;
  // A list closes itself: where a whole one stands, no more of it can follow.
  const length = known.follower(p, end);
  if (length > 0) {
    store<i32>(row + offset, known.takeFollower());
    return p + length;
  }
  const close = byte.nestedEnd(p);
  if (close === 0) return 0;
  const id = known.idOf(p, close - p);
  if (id < 0) return 0;
  store<i32>(row + offset, id);
  return close;
}
