const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Digits a double holds whatever they are. */
const EXACT_DIGITS = 15;

/** Bytes by what may stand where: each table is 1 for the bytes a loop may run over. */
const IN_STRING = byteTable((byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH);
const IN_TOKEN = byteTable((byte) => /[\w+.-]/.test(String.fromCharCode(byte)) && byte < 0x80);
const IN_NESTED = byteTable((byte) => byte !== 0 && !'"[]{}'.includes(String.fromCharCode(byte)));
const BLANK = byteTable((byte) => [0x20, 0x0a, 0x0d, 0x09].includes(byte));

function byteTable(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}

/** Whether the four bytes of a word are digits: 0x30 to 0x39, each also when 6 is added. */
function isFourDigits(word: number): boolean {
  return ((word & (word + 0x06060606) & 0xf0f0f0f0) | 0) === 0x30303030;
}

/** The number they spell, first byte first: two pairs, then both. */
function fourDigits(word: number): number {
  const digits = word - 0x30303030;
  const pairs = digits * 10 + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

/**
 * Reads plain JSON values where they stand in bytes. Every method takes the place a value starts
 * at and returns where it ends, -1 when it is not plain; what it found is in the fields.
 *
 * The bytes must be followed by a 0, which stops every loop.
 */
export class ByteValues {
  protected bytes: Uint8Array = new Uint8Array(0);
  /** The same bytes, with room to read a word at any of them. */
  protected view: DataView = new DataView(new ArrayBuffer(0));
  /**
   * The number found last. Like rows, readers keep fractions and small integers in fields of their
   * own, so that code compiled for one kind never meets the other.
   */
  protected value = Number.NaN;
  /** The text found last. */
  protected id = 0;
  /** Nanoseconds beside whole microseconds. */
  protected ns = 0;

  protected blanks(p: number): number {
    const { bytes } = this;
    while (BLANK[bytes[p]!] === 1) p++;
    return p;
  }

  /** Closing quote of the plain string that opens at `p`; -1 when it holds escapes or does not end. */
  protected stringEnd(p: number): number {
    const { bytes } = this;
    if (bytes[p] !== QUOTE) return -1;
    p++;
    while (IN_STRING[bytes[p]!] === 1) p++;
    return bytes[p] === QUOTE ? p : -1;
  }

  /** Closing quote of any string that opens at `p`. */
  protected anyStringEnd(p: number): number {
    const { bytes } = this;
    p++;
    for (;;) {
      while (IN_STRING[bytes[p]!] === 1) p++;
      if (bytes[p] === QUOTE) return p;
      if (bytes[p] !== BACKSLASH || bytes[p + 1] === 0) return -1;
      p += 2;
    }
  }

  /** Digits to `value`; -1 when there are none, too many, or a 0 in front of others. */
  protected natural(p: number): number {
    const end = this.whole(p);
    return end - p > EXACT_DIGITS ? -1 : end;
  }

  /** Whole microseconds to `value`, the rest to `ns`, as splitMicroseconds has it. */
  protected microseconds(p: number): number {
    const { bytes } = this;
    const negative = bytes[p] === MINUS;
    const first = negative ? p + 1 : p;
    p = this.whole(first);
    if (p < 0 || this.value > Number.MAX_SAFE_INTEGER) return -1;
    this.ns = 0;
    if (bytes[p] === DOT) {
      p = this.thousandths(p + 1);
      if (p < 0) return -1;
    }
    if (negative) {
      this.value = 0 - this.value;
      this.ns = 0 - this.ns;
    }
    return p;
  }

  /** Digits to `value`, four at a time where there are as many. */
  private whole(first: number): number {
    const { bytes, view } = this;
    let p = first;
    let value = 0;
    for (;;) {
      const word = view.getInt32(p, true);
      if (!isFourDigits(word)) break;
      value = value * 10_000 + fourDigits(word);
      p += 4;
    }
    for (let c = bytes[p]!; c >= ZERO && c <= NINE; c = bytes[++p]!)
      value = value * 10 + (c - ZERO);
    const count = p - first;
    if (count === 0 || (count > 1 && bytes[first] === ZERO)) return -1;
    this.value = value;
    return p;
  }

  protected thousandths(p: number): number {
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

  protected skip(p: number): number {
    const { bytes } = this;
    const c = bytes[p]!;
    if (c === QUOTE) {
      const end = this.anyStringEnd(p);
      return end < 0 ? -1 : end + 1;
    }
    if (c === OPEN_LIST || c === OPEN) return this.nested(p);
    const first = p;
    while (isFourDigits(this.view.getInt32(p, true))) p += 4;
    while (IN_TOKEN[bytes[p]!] === 1) p++;
    return p === first ? -1 : p;
  }

  /** End of the list or object that opens at `p`. */
  protected nested(p: number): number {
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
