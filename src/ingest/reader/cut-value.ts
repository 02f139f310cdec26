const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where a scan of one JSON value stands. Values may arrive in pieces. */
export interface CutState {
  depth: number;
  inString: boolean;
  afterBackslash: boolean;
  /** A number or literal: it ends before the next delimiter. */
  scalar: boolean;
}

export function newCut(): CutState {
  return { depth: 0, inString: false, afterBackslash: false, scalar: false };
}

/**
 * Finds the end of a JSON value by strings and brackets alone.
 *
 * @param state carried from piece to piece; {@link newCut} at the value's first byte.
 * @returns behind the value's last byte, -1 when the value goes on beyond `end`.
 */
export function cutValue(state: CutState, bytes: Uint8Array, at: number, end: number): number {
  for (let p = at; p < end; p++) {
    const byte = bytes[p]!;
    if (state.inString) {
      if (state.afterBackslash) state.afterBackslash = false;
      else if (byte === BACKSLASH) state.afterBackslash = true;
      else if (byte === QUOTE) {
        state.inString = false;
        if (state.depth === 0) return p + 1;
      }
    } else if (state.scalar) {
      if (isDelimiter(byte)) return p;
    } else if (byte === QUOTE) state.inString = true;
    else if (byte === 0x7b || byte === 0x5b) state.depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      state.depth--;
      if (state.depth <= 0) return p + 1;
    } else if (state.depth === 0) state.scalar = true;
  }
  return -1;
}

/** Comma, closing brackets and blanks. */
function isDelimiter(byte: number): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20;
}

/** What a text that ends in this state was cut inside of, in words. */
export function cutInside(state: CutState, lastByte: number): string {
  if (state.inString) return "inside a string";
  const isDigit = (lastByte >= 0x30 && lastByte <= 0x39) || lastByte === 0x2e;
  return isDigit ? "inside a number" : "inside a value";
}
