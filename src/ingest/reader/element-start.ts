import { isBlank, textOf } from "./json-bytes.ts";

const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const CLOSE_LIST = 0x5d;

/** How nearly every event begins. */
const EVENT_START = /^\{\s*"ph"\s*:\s*"[A-Za-z]"/;
/** How exporters with an order of their own begin one: believed only behind another element. */
const OTHER_START = /^\{\s*"(name|cat|pid|tid|ts|dur|id|args|s)"\s*:/;
const LONGEST_EVENT_START = 64;

/**
 * Start of the next event within an element; -1 when there is none.
 *
 * @param strict only behind another event (`}, {"ph": "X"`): for elements that may be whole, where
 *   an argument could look like an event.
 */
export function nextElement(bytes: Uint8Array, from: number, end: number, strict: boolean): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== OPEN) continue;
    const isBehind = isBehindElement(bytes, at, from);
    if (strict && !isBehind) continue;
    const head = textOf(bytes, at, Math.min(at + LONGEST_EVENT_START, end));
    if (EVENT_START.test(head) || (isBehind && OTHER_START.test(head))) return at;
  }
  return -1;
}

/** Behind the last element of a list whose bracket closes (`}]`); -1 when there is none. */
export function listEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] === CLOSE_LIST && bytes[blanksStart(bytes, at - 1, from)] === CLOSE) return at;
  }
  return -1;
}

function isBehindElement(bytes: Uint8Array, at: number, from: number): boolean {
  const comma = blanksStart(bytes, at - 1, from);
  return bytes[comma] === COMMA && bytes[blanksStart(bytes, comma - 1, from)] === CLOSE;
}

/** Last byte up to `at` that is no blank. */
function blanksStart(bytes: Uint8Array, at: number, from: number): number {
  while (at > from && isBlank(bytes[at]!)) at--;
  return at;
}
