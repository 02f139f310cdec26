import {
  ALL_LETTERS,
  eitherLetters,
  LETTER_CLASSES,
  type Letters,
  LINE_ENDS,
  letters,
  NO_LETTERS,
  oneLetter,
  otherLetters,
} from "./letters.ts";

/** A regular expression as far as its cost is concerned. Groups capture or not, it is all one. */
export type RegexNode =
  | { readonly kind: "letter"; readonly set: Letters }
  /** `^`, `$`, `\b`, `\B`: takes no letter. */
  | { readonly kind: "edge"; readonly isStart: boolean }
  | { readonly kind: "sequence"; readonly of: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly of: readonly RegexNode[] }
  /** `most` is Infinity for `*` and `+`. */
  | {
      readonly kind: "repeat";
      readonly of: RegexNode;
      readonly least: number;
      readonly most: number;
    };

/** Something whose cost is not judged, said in words. */
export class NotJudged extends Error {}

/**
 * Reads a JavaScript regular expression without flags that `new RegExp` accepts.
 *
 * @throws {NotJudged} on back-references, look-around and properties.
 */
export function parseRegex(source: string): RegexNode {
  return new RegexParser(source).parse();
}

class RegexParser {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  parse(): RegexNode {
    return this.choice();
  }

  private get next(): string {
    return this.source[this.at] ?? "";
  }

  private take(text: string): boolean {
    const found = this.source.startsWith(text, this.at);
    if (found) this.at += text.length;
    return found;
  }

  private choice(): RegexNode {
    const of = [this.sequence()];
    while (this.take("|")) of.push(this.sequence());
    return of.length === 1 ? of[0]! : { kind: "choice", of };
  }

  private sequence(): RegexNode {
    const of: RegexNode[] = [];
    while (this.next !== "" && this.next !== "|" && this.next !== ")")
      of.push(this.repeated(this.atom()));
    return { kind: "sequence", of };
  }

  private repeated(of: RegexNode): RegexNode {
    const bounds = this.bounds();
    if (bounds === null) return of;
    // Lazy or greedy, the same ways are tried in another order.
    this.take("?");
    return { kind: "repeat", of, ...bounds };
  }

  private bounds(): { least: number; most: number } | null {
    if (this.take("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.take("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.take("?")) return { least: 0, most: 1 };
    const found = /^\{(\d+)(,(\d*))?\}/.exec(this.source.slice(this.at));
    if (found === null) return null;
    this.at += found[0].length;
    const [, low = "", range, high = ""] = found;
    const least = Number(low);
    if (range === undefined) return { least, most: least };
    return { least, most: high === "" ? Number.POSITIVE_INFINITY : Number(high) };
  }

  private atom(): RegexNode {
    if (this.take("(")) return this.group();
    if (this.take("[")) return { kind: "letter", set: this.letterClass() };
    if (this.take(".")) return { kind: "letter", set: otherLetters(LINE_ENDS) };
    if (this.take("^")) return { kind: "edge", isStart: true };
    if (this.take("$")) return { kind: "edge", isStart: false };
    if (this.take("\\")) return this.escape();
    const set = oneLetter(this.next);
    this.at++;
    return { kind: "letter", set };
  }

  private group(): RegexNode {
    if (this.take("?:") === false && this.next === "?") {
      const name = /^\?<[A-Za-z_$][\w$]*>/.exec(this.source.slice(this.at));
      if (name === null) throw new NotJudged("it looks ahead or behind");
      this.at += name[0].length;
    }
    const inner = this.choice();
    this.take(")");
    return inner;
  }

  private escape(): RegexNode {
    if (/[1-9]/.test(this.next) || this.source.startsWith("k<", this.at))
      throw new NotJudged("it refers back to a group");
    if (this.take("b") || this.take("B")) return { kind: "edge", isStart: false };
    return { kind: "letter", set: this.escapedLetters() };
  }

  /** The letters of an escape, its backslash already taken. */
  private escapedLetters(): Letters {
    const letter = this.next;
    this.at++;
    const known = LETTER_CLASSES[letter];
    if (known !== undefined) return known;
    // Unknown to us or rare: taken for any letter, which only makes the judgement stricter.
    return /[A-Za-z0-9]/.test(letter) ? this.controlLetters(letter) : oneLetter(letter);
  }

  private controlLetters(letter: string): Letters {
    const control = "tnvfr".indexOf(letter);
    if (control >= 0) return letters([9 + control, 9 + control]);
    const code = /^(?:[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2})/.exec(this.source.slice(this.at));
    if ((letter === "x" || letter === "u") && code !== null) this.at += code[0].length;
    return ALL_LETTERS;
  }

  /** The rest of a class, its bracket already taken. */
  private letterClass(): Letters {
    const isNegated = this.take("^");
    let set = NO_LETTERS;
    while (this.next !== "" && !this.take("]")) {
      const low = this.classLetter();
      const isRange = this.next === "-" && !this.source.startsWith("-]", this.at);
      if (!isRange) {
        set = eitherLetters(set, low);
        continue;
      }
      this.at++;
      const high = this.classLetter();
      const ends = [low, high].map((it) => (it.length === 1 ? it[0]! : ALL_LETTERS[0]!));
      set = eitherLetters(set, letters([ends[0]![0], Math.max(ends[0]![0], ends[1]![1])]));
    }
    return isNegated ? otherLetters(set) : set;
  }

  private classLetter(): Letters {
    if (this.take("\\")) return this.take("b") ? letters([8, 8]) : this.escapedLetters();
    const set = oneLetter(this.next);
    this.at++;
    return set;
  }
}
