/** A number token whose digits may not fit a double: kept as written. */
export class LongNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toJSON(): number {
    return Number(this.digits);
  }
}

/** Tokens shorter than this have at most 15 digits, which a double gives back unchanged. */
export const LONG_NUMBER = 16;

const PLAIN = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Microseconds as written → whole microseconds and whole nanoseconds, rounded half up at the
 * fourth decimal. Exact for every whole part below 2^53; null beyond that or when not finite.
 */
export function splitMicroseconds(text: string): { us: number; ns: number } | null {
  const plain = PLAIN.exec(text);
  if (plain === null) return splitDouble(Number(text));
  const [, sign, whole, fraction = ""] = plain;
  const us = Number(whole);
  if (us > Number.MAX_SAFE_INTEGER) return null;
  const digits = fraction.padEnd(4, "0");
  const ns = Number(digits.slice(0, 3)) + (digits.charCodeAt(3) >= 0x35 ? 1 : 0);
  // `0 -` instead of a unary minus: no negative zero may reach a column.
  return sign === "-" ? { us: 0 - us, ns: 0 - ns } : { us, ns };
}

/** Spellings with an exponent: rare enough that a double's precision will do. */
function splitDouble(value: number): { us: number; ns: number } | null {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return null;
  const us = Math.floor(value);
  return { us, ns: Math.round((value - us) * 1000) };
}
