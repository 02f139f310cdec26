export const QUOTE: u8 = 0x22;
export const COMMA: u8 = 0x2c;
export const MINUS: u8 = 0x2d;
export const COLON: u8 = 0x3a;
export const OPEN_LIST: u8 = 0x5b;
export const CLOSE_LIST: u8 = 0x5d;
export const BACKSLASH: u8 = 0x5c;
export const OPEN: u8 = 0x7b;
export const CLOSE: u8 = 0x7d;

const VECTOR: usize = 16;
const ZEROS: u64 = 0x3030303030303030;
const HIGH_HALVES: u64 = 0xf0f0f0f0f0f0f0f0;

// Every function takes an address and returns one; 0 says that what stands there is not plain.
// The bytes end with a 0, at which every loop stops, and memory goes on behind it.

export function isBlank(byte: u8): bool {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function blanksEnd(p: usize): usize {
  while (isBlank(load<u8>(p))) p++;
  return p;
}

/** First byte from `p` on that is a quote, a backslash or a control character. */
function textEnd(p: usize): usize {
  while (true) {
    const bytes = v128.load(p);
    const stops = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    );
    const mask = i8x16.bitmask(stops);
    if (mask !== 0) return p + ctz(mask);
    p += VECTOR;
  }
}

/** Closing quote of the string that opens at `p` and holds no escapes. */
export function plainStringEnd(p: usize): usize {
  if (load<u8>(p) !== QUOTE) return 0;
  const end = textEnd(p + 1);
  return load<u8>(end) === QUOTE ? end : 0;
}

/** Closing quote of any string that opens at `p`. */
export function anyStringEnd(p: usize): usize {
  p++;
  while (true) {
    p = textEnd(p);
    const byte = load<u8>(p);
    if (byte === QUOTE) return p;
    if (byte !== BACKSLASH || load<u8>(p, 1) === 0) return 0;
    p += 2;
  }
}

/** First byte from `p` on that is a quote, a bracket of either kind or a 0. */
function flatEnd(p: usize): usize {
  while (true) {
    const bytes = v128.load(p);
    // One bit apart: `[` and `{`, `]` and `}`.
    const brackets = v128.or(bytes, i8x16.splat(0x20));
    const stops = v128.or(
      v128.or(i8x16.eq(brackets, i8x16.splat(0x7b)), i8x16.eq(brackets, i8x16.splat(0x7d))),
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0))),
    );
    const mask = i8x16.bitmask(stops);
    if (mask !== 0) return p + ctz(mask);
    p += VECTOR;
  }
}

/** End of the list or object that opens at `p`. */
export function nestedEnd(p: usize): usize {
  let depth = 0;
  while (true) {
    p = flatEnd(p);
    const byte = load<u8>(p);
    if (byte === QUOTE) {
      p = anyStringEnd(p);
      if (p === 0) return 0;
    } else if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if (byte === 0) return 0;
    else if (--depth === 0) return p + 1;
    p++;
  }
}

/** How many of the eight bytes of a word are digits, up to the first that is none. */
export function digitCount(word: u64): usize {
  // A digit is 0x30 to 0x39, also when 6 is added; what carries over comes behind the first other.
  const others = (word ^ ZEROS) | ((word + 0x0606060606060606) ^ ZEROS);
  return (ctz(others & HIGH_HALVES) >> 3) as usize;
}

/** End of however many digits at `p`. */
export function digitsEnd(p: usize): usize {
  let count: usize;
  do {
    count = digitCount(load<u64>(p));
    p += count;
  } while (count === 8);
  return p;
}

function isTokenByte(byte: u8): bool {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
    byte === 0x5f ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

/** End of the value at `p`, which is looked at no closer than needed to find it. */
export function valueEnd(p: usize): usize {
  const byte = load<u8>(p);
  if (byte === QUOTE) {
    const end = anyStringEnd(p);
    return end === 0 ? 0 : end + 1;
  }
  if (byte === OPEN_LIST || byte === OPEN) return nestedEnd(p);
  const first = p;
  // Nearly always a whole number.
  p = digitsEnd(p);
  while (isTokenByte(load<u8>(p))) p++;
  return p === first ? 0 : p;
}
