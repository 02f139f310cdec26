import { isBlank, textOf } from "./json-bytes.ts";

const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How nearly every event begins. */
const EVENT_START = /^\{\s*"ph"\s*:\s*"[A-Za-z]"/;
/** How exporters with an order of their own begin one: believed only behind another element. */
const OTHER_START = /^\{\s*"(name|cat|pid|tid|ts|dur|id|args|s)"\s*:/;
const LONGEST_EVENT_START = 64;

/**
 * Start of the next event within an element; -1 when there is none.
 *
 * @param from behind the element's opening brace
 * @param strict only behind another event (`}, {"ph": "X"`) and in no list of the element's own: for
 *   elements that may be whole, where an argument could look like an event.
 */
export function nextElement(bytes: Uint8Array, from: number, end: number, strict: boolean): number {
  const inside = new Brackets();
  for (let at = from; at < end; at++) {
    const isInList = strict && inside.pass(bytes, at);
    if (bytes[at] !== OPEN) continue;
    const isBehind = isBehindElement(bytes, at, from);
    if (strict && (!isBehind || isInList)) continue;
    const head = textOf(bytes, at, Math.min(at + LONGEST_EVENT_START, end));
    if (EVENT_START.test(head) || (isBehind && OTHER_START.test(head))) return at;
  }
  return -1;
}

/**
 * Behind the last element of a list whose bracket closes (`}]`); -1 when there is none. A bracket
 * that closes a list within the element itself is not the one: the element is cut behind it, not
 * broken. Where quotes are broken nobody can tell, and the first one counts.
 *
 * @param from behind the element's opening brace
 */
export function listEnd(bytes: Uint8Array, from: number, end: number): number {
  const inside = new Brackets();
  for (let at = from; at < end; at++) {
    const isInList = inside.pass(bytes, at);
    if (bytes[at] !== CLOSE_LIST || isInList) continue;
    if (bytes[blanksStart(bytes, at - 1, from)] === CLOSE) return at;
  }
  return -1;
}

/** Brackets within brackets whose kinds are kept; an event has a dozen. */
const DEEPEST = 1024;

/** Brackets and strings that are open within an element, byte by byte. */
class Brackets {
  readonly #open: number[] = [OPEN];
  /** Brackets that are open below the deepest: 64 megabytes may be nothing else. */
  #below = 0;
  #inString = false;
  #afterBackslash = false;

  /** Passes one byte; true where it stood in a list that the element itself opened. */
  pass(bytes: Uint8Array, at: number): boolean {
    const byte = bytes[at]!;
    if (this.#inString) {
      if (this.#afterBackslash) this.#afterBackslash = false;
      else if (byte === BACKSLASH) this.#afterBackslash = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    const isInList = this.#below > 0 || this.#open.at(-1) === OPEN_LIST;
    const opens = byte === OPEN || byte === OPEN_LIST;
    if (byte === QUOTE) this.#inString = true;
    else if (opens && this.#open.length >= DEEPEST) this.#below++;
    else if (opens) this.#open.push(byte);
    else if (this.#below > 0 && (byte === CLOSE || byte === CLOSE_LIST)) this.#below--;
    else if (byte === CLOSE || (byte === CLOSE_LIST && isInList)) this.#open.pop();
    return isInList;
  }
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
