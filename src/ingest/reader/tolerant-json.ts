import { LONG_NUMBER, LongNumber } from "../columns/decimal.ts";

/** Stands before the digits of a number that was put in quotes to survive parsing. */
const MARK = "\u0000number:";

/**
 * JSON.parse with two differences: NaN and Infinity, which recorders write for ratios of nothing,
 * are null; and numbers of 16 characters and more come back as {@link LongNumber}, digits intact.
 *
 * @throws SyntaxError as JSON.parse does.
 */
export function parseTolerantly(text: string): unknown {
  const repaired = withoutTroublesomeNumbers(text);
  if (repaired === text) return JSON.parse(text);
  return JSON.parse(repaired, (_key, value) =>
    typeof value === "string" && value.startsWith(MARK)
      ? new LongNumber(value.slice(MARK.length))
      : value,
  );
}

const NUMBER = /-?\d[\d.eE+-]*|-?Infinity\b|NaN\b/g;
const VALID_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function withoutTroublesomeNumbers(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, end).replace(NUMBER, acceptable));
    at = quote < 0 ? end : stringEnd(text, quote);
    parts.push(text.slice(end, at));
  }
  return parts.join("");
}

const COLON = /\s*:/y;

function acceptable(number: string, offset: number, text: string): string {
  if (/[IN]/.test(number)) return "null";
  // Where a key belongs a number is broken, and quotes would mend it.
  COLON.lastIndex = offset + number.length;
  if (COLON.test(text)) return number;
  const isLong = number.length >= LONG_NUMBER && VALID_NUMBER.test(number);
  return isLong ? JSON.stringify(MARK + number) : number;
}

/** Behind the closing quote of the string that opens at `open`. */
function stringEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x22) return at + 1;
  }
  return text.length;
}
