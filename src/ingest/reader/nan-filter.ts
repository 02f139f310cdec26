const WORD_TAIL = /[\w.+-]*$/;
const NOT_A_NUMBER = /-?Infinity\b|NaN\b/g;

/**
 * Makes JSON of what recorders write for ratios of nothing: NaN and Infinity outside strings become
 * null. Text comes in pieces; what may be the front half of such a word is held back.
 */
export class NanFilter {
  #held = "";
  #inString = false;

  write(piece: string): string {
    const text = this.#held + piece;
    const parts: string[] = [];
    this.#held = "";
    for (let at = 0; at < text.length; ) {
      const quote = this.#inString ? closingQuote(text, at) : text.indexOf('"', at);
      const end = quote < 0 ? text.length : quote + 1;
      parts.push(this.#inString ? text.slice(at, end) : this.#repaired(text.slice(at, end)));
      if (quote >= 0) this.#inString = !this.#inString;
      at = end;
    }
    return this.#inString ? this.#holdBackslash(parts.join("")) : parts.join("");
  }

  end(): string {
    return this.#held.replace(NOT_A_NUMBER, "null");
  }

  #repaired(text: string): string {
    this.#held = WORD_TAIL.exec(text)![0];
    const whole = text.slice(0, text.length - this.#held.length);
    return whole.replace(NOT_A_NUMBER, "null");
  }

  /** A backslash at the very end belongs to a character of the next piece. */
  #holdBackslash(text: string): string {
    const slashes = /\\*$/.exec(text)![0].length;
    if (slashes % 2 === 0) return text;
    this.#held = "\\";
    return text.slice(0, -1);
  }
}

/** Place of the quote that closes a string whose inside `text.slice(from)` is; -1 when it goes on. */
function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x22) return at;
  }
  return -1;
}
