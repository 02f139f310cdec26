const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSER: Readonly<Record<number, number>> = { 123: 0x7d, 91: 0x5d };

/** Brackets within brackets; the arguments of an event take a dozen. */
const DEEPEST = 10_000;

/**
 * Whether the bytes of a file can be one JSON value: every bracket closed by its own kind, nothing
 * after the last. Enough to see that two processes wrote into one file.
 */
export class JsonBalance {
  #open: number[] = [];
  #inString = false;
  #escaped = false;
  #ended = false;
  #broken = false;

  add(bytes: Buffer): void {
    for (const byte of bytes) {
      if (this.#broken) return;
      if (this.#inString) this.#string(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (CLOSER[byte] !== undefined) this.#openBracket(CLOSER[byte]);
      else if (byte === 0x7d || byte === 0x5d) this.#close(byte);
    }
  }

  get balanced(): boolean {
    return this.#ended && !this.#broken;
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    // A raw line break cannot stand in a JSON string.
    else if (byte === 0x0a) this.#broken = true;
  }

  #openBracket(closer: number): void {
    if (this.#ended || this.#open.length === DEEPEST) this.#broken = true;
    this.#open.push(closer);
  }

  #close(byte: number): void {
    if (this.#open.pop() !== byte) this.#broken = true;
    else if (this.#open.length === 0) this.#ended = true;
  }
}
