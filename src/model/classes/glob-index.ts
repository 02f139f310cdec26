import { BoundedMemory } from "../../base/bounded-memory.ts";
import { type CompiledGlob, compileGlob, matchesGlob } from "./glob.ts";

/** Three letters of a text in one number; letters beyond Latin-1 share numbers, which only costs a test. */
function triple(text: string, at: number): number {
  return (
    (text.charCodeAt(at) & 0xff) |
    ((text.charCodeAt(at + 1) & 0xff) << 8) |
    ((text.charCodeAt(at + 2) & 0xff) << 16)
  );
}

const HASHES = 1 << 16;

function hashed(letters: number): number {
  return (letters ^ (letters >>> 8)) & (HASHES - 1);
}

/** What is known of one text. */
interface Answers {
  readonly matching: Set<number>;
  /** Globs from this number on came in later and have yet to be tried. */
  globs: number;
}

/** Texts remembered; each holds the globs it matches. */
const MOST_TEXTS = 32_768;

/**
 * Thousands of globs asked about one text at a time. A glob is filed under three letters it cannot
 * match without, the ones fewest others are filed under; a text then meets only the globs whose
 * letters it holds, instead of all of them. The idea is that of trigram indexes for code search.
 */
export class GlobIndex {
  readonly #globs: CompiledGlob[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #filed = new Map<number, number[]>();
  /** 0 where no shelf has letters of that hash: most of a text's letters have none. */
  readonly #isFiled = new Uint8Array(HASHES);
  /** Globs with no three letters in a row: every text is tested against them. */
  readonly #unfiled: number[] = [];
  readonly #known = new BoundedMemory<string, Answers>(MOST_TEXTS);

  /** The number of a glob, new or known. */
  add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#globs.length;
    const glob = compileGlob(text);
    this.#numbers.set(text, number);
    this.#globs.push(glob);
    this.#shelfOf(glob).push(number);
    return number;
  }

  /** Numbers of the globs that match, as {@link add} gave them. */
  matching(text: string): ReadonlySet<number> {
    let answers = this.#known.get(text);
    if (answers === undefined) {
      answers = { matching: this.#search(text), globs: this.#globs.length };
      this.#known.set(text, answers);
    }
    for (; answers.globs < this.#globs.length; answers.globs++)
      if (matchesGlob(this.#globs[answers.globs]!, text)) answers.matching.add(answers.globs);
    return answers.matching;
  }

  #shelfOf({ parts }: CompiledGlob): number[] {
    let best: number[] | null = null;
    for (const part of parts) {
      for (let at = 0; at + 3 <= part.length; at++) {
        const letters = triple(part, at);
        const shelf = this.#filed.get(letters);
        // No shelf has fewer than one that does not stand yet.
        if (shelf === undefined) return this.#newShelf(letters);
        if (best === null || shelf.length < best.length) best = shelf;
      }
    }
    return best ?? this.#unfiled;
  }

  #newShelf(letters: number): number[] {
    const shelf: number[] = [];
    this.#filed.set(letters, shelf);
    this.#isFiled[hashed(letters)] = 1;
    return shelf;
  }

  #search(text: string): Set<number> {
    const matching = new Set<number>();
    const test = (shelf: readonly number[]): void => {
      for (const number of shelf) if (matchesGlob(this.#globs[number]!, text)) matching.add(number);
    };
    test(this.#unfiled);
    const seen = new Set<readonly number[]>();
    for (let at = 0; at + 3 <= text.length; at++) {
      const letters = triple(text, at);
      if (this.#isFiled[hashed(letters)] === 0) continue;
      const shelf = this.#filed.get(letters);
      if (shelf === undefined || seen.has(shelf)) continue;
      seen.add(shelf);
      test(shelf);
    }
    return matching;
  }
}
