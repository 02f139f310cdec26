import { LONG_NUMBER, LongNumber } from "../columns/decimal.ts";
import { salvagedText } from "./salvage-text.ts";

/** What could still be read of an element that is no valid JSON. */
interface Salvage {
  readonly element: Record<string, unknown>;
  /** Keys of members whose value could not be read, as `ts` or `args.correlation`. */
  readonly lost: readonly string[];
}

/** Deeper values are no arguments of an event. */
const DEEPEST = 16;
/** Stands for a value that is missing or means nothing. */
const NOTHING = Symbol("nothing");

const KEY = /"([^"\\]{0,200})"\s*:/y;
/** A key that lost one of its quotes or got single ones. */
const DAMAGED_KEY = /["']?([A-Za-z_][\w .%()/#-]{0,100}?)["']?\s*:/y;
const NEXT_MEMBER = /,\s*(?="[^"\\]{1,200}"\s*:)|\}/g;
const TOKEN = /[^\s,\]}"]+/y;
/** Digits, a comma and digits in an object, where a key would have to follow a comma. */
const LOCALE_NUMBER = /-?\d+(?:,\d+)+(?:\.\d+)?(?=\s*(?:[,}\]]|$))/y;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** How printers of several languages and libraries write a ratio of nothing. */
const NO_NUMBER = /^[+-]?(\d+\.#\w+|nan(\(\w*\))?|inf(inity)?|none|null|undefined)$/i;

/**
 * Reads what can be read of a broken element: each member by itself, so that one that is damaged
 * costs no other. Understood are the ways in which recorders and tools are known to break JSON:
 * unescaped backslashes, quotes and control characters, decimal commas, `1.#IND` and `-nan(ind)`,
 * missing values and quotes, and `...` in a list.
 *
 * @returns null when not even an object opens.
 */
export function salvageElement(text: string): Salvage | null {
  const salvager = new Salvager(text);
  const element = salvager.object("", 0);
  return element === null ? null : { element, lost: salvager.lost };
}

/** The same for any value; undefined where nothing of it can be read. */
export function salvageValue(text: string): unknown {
  const value = new Salvager(text).value("", 0, false);
  return value === NOTHING ? undefined : value;
}

class Salvager {
  readonly lost: string[] = [];
  readonly #text: string;
  /** Kinds of strings no end of which follows: looked for once, or time would grow with the square. */
  readonly #neverClosing = new Set<string>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(path: string, depth: number): Record<string, unknown> | null {
    if (this.#text[this.#at] !== "{") return null;
    this.#at++;
    const object: Record<string, unknown> = {};
    while (this.#moreMembers()) {
      const key = this.#key();
      if (key === null) {
        this.#toNextMember();
        continue;
      }
      const place = path === "" ? key : `${path}.${key}`;
      const value = this.value(place, depth + 1, false);
      if (value === NOTHING) {
        this.lost.push(place);
        this.#toNextMember();
      } else if (key !== "__proto__") object[key] = value;
    }
    return object;
  }

  /** Passes what separates members; false behind the object's end. */
  #moreMembers(): boolean {
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (char === "}") {
        this.#at++;
        return false;
      }
      if (!/[\s,\]]/.test(char)) return true;
    }
    return false;
  }

  #key(): string | null {
    for (const pattern of [KEY, DAMAGED_KEY]) {
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#text);
      if (found === null) continue;
      this.#at = pattern.lastIndex;
      return found[1]!;
    }
    return null;
  }

  #toNextMember(): void {
    NEXT_MEMBER.lastIndex = this.#at;
    const found = NEXT_MEMBER.exec(this.#text);
    this.#at = found === null ? this.#text.length : found.index;
  }

  value(path: string, depth: number, inList: boolean): unknown {
    this.#blanks();
    const char = this.#text[this.#at];
    if (char === undefined || char === "," || char === "}" || char === "]") return NOTHING;
    if (depth > DEEPEST) return NOTHING;
    if (char === "{") return this.object(path, depth);
    if (char === "[") return this.#list(path, depth);
    if (char === '"' || char === "'") return this.#string(inList);
    return this.#scalar(inList);
  }

  #list(path: string, depth: number): unknown[] {
    const list: unknown[] = [];
    this.#at++;
    while (this.#at < this.#text.length) {
      this.#blanks();
      const char = this.#text[this.#at];
      // The brace closes an object around a list that was never closed.
      if (char === "}") break;
      if (char === "]" || char === ",") {
        this.#at++;
        if (char === "]") break;
        continue;
      }
      const before = this.#at;
      const value = this.value(path, depth + 1, true);
      if (value !== NOTHING) list.push(value);
      else if (this.#at === before) this.#at++;
    }
    return list;
  }

  #string(inList: boolean): unknown {
    const quote = `${this.#text[this.#at]}${inList}`;
    if (this.#neverClosing.has(quote)) return NOTHING;
    const found = salvagedText(this.#text, this.#at, inList);
    if (found === null) {
      this.#neverClosing.add(quote);
      return NOTHING;
    }
    this.#at = found.end;
    return found.text;
  }

  #scalar(inList: boolean): unknown {
    const locale = inList ? null : this.#match(LOCALE_NUMBER);
    if (locale !== null) return numberOf(localeDigits(locale));
    const token = this.#match(TOKEN);
    if (token === null) {
      this.#at++;
      return NOTHING;
    }
    if (NUMBER.test(token)) return numberOf(token);
    if (/^(true|false)$/i.test(token)) return token.toLowerCase() === "true";
    return NO_NUMBER.test(token) ? null : NOTHING;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
}

/** A comma before the last group is a decimal one; several, or one before a point, group thousands. */
function localeDigits(text: string): string {
  const isGrouping = text.includes(".") || text.indexOf(",") !== text.lastIndexOf(",");
  return text.replaceAll(",", isGrouping ? "" : ".");
}

function numberOf(token: string): number | LongNumber {
  const plain = token.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1");
  const isWhole = /^-?\d+(\.\d+)?$/.test(plain);
  return isWhole && plain.length >= LONG_NUMBER ? new LongNumber(plain) : Number(plain);
}
