import { nearestWord } from "../base/nearest.ts";
import { usage } from "./options.ts";

/** Reads option values; each names the option and the command in its complaint. */
interface ValueReader {
  /** Null stays null. */
  choice<T extends string>(option: string, text: string | null, of: readonly T[]): T | null;
  number(option: string, text: string | null, range: NumberRange): number | null;
  /** "750MB", "2GiB", "1e9": a whole number of bytes. */
  bytes(option: string, text: string | null): number | null;
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

export const WHOLE: NumberRange = { min: 0, max: Number.MAX_SAFE_INTEGER, isWhole: true };

const UNIT: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gib: 2 ** 30,
  t: 1e12,
  tb: 1e12,
  tib: 2 ** 40,
};

export function valueReader(command: string): ValueReader {
  const bad = (option: string, text: string, expected: string, more = "") =>
    usage(
      "bad-value",
      `--${option} ${JSON.stringify(text)}: expected ${expected}.${more}`,
      command,
    );
  return {
    choice(option, text, of) {
      if (text === null) return null;
      const found = of.find((one) => one === text);
      if (found !== undefined) return found;
      const near = nearestWord(text, of);
      const meant = near === null ? "" : ` Did you mean ${near}?`;
      throw bad(option, text, `one of ${of.join(", ")}`, meant);
    },
    number(option, text, { min, max, isWhole }) {
      if (text === null) return null;
      const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
      const upper =
        max === Number.MAX_SAFE_INTEGER ? ` of at least ${min}` : ` from ${min} to ${max}`;
      throw bad(option, text, `a ${isWhole ? "whole " : ""}number${upper}`);
    },
    bytes(option, text) {
      if (text === null) return null;
      const [, digits, unit = ""] = /^(\d+(?:\.\d+)?(?:e\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
      const factor = UNIT[unit.toLowerCase()];
      if (digits !== undefined && factor !== undefined) {
        const bytes = Math.round(Number(digits) * factor);
        if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
      }
      throw bad(option, text, "a size such as 750MB or 2GiB");
    },
  };
}
