import { EXIT, TriageError } from "../../model/errors.ts";

/** Index into a {@link TextTable}; 0 is "" and means "not recorded". Private to the reading of one file. */
export type TextId = number;

/**
 * Names of real kernels and frames have up to some thousand characters. What is longer is cut, so
 * that whatever is done with a text afterwards takes bounded time.
 */
export const LONGEST_TEXT = 16_384;

/** Entries of a Map, which holds no more. */
const MOST_TEXTS = 2 ** 24 - 1;

/**
 * Every distinct text met while reading. Ids depend on what a reader happens to look at first, so
 * they never leave ingest: the builder numbers the texts it keeps anew, in the order of its rows.
 */
export class TextTable {
  readonly texts: string[] = [""];
  readonly #most: number;
  readonly #ids = new Map<string, TextId>([["", 0]]);

  /** @param most for tests; a Map's size by default. */
  constructor(most = MOST_TEXTS) {
    this.#most = most;
  }

  idOf(whole: string): TextId {
    const text = whole.length > LONGEST_TEXT ? `${whole.slice(0, LONGEST_TEXT - 1)}…` : whole;
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.length;
    if (id === this.#most) throw tooMany(id);
    this.texts.push(text);
    this.#ids.set(text, id);
    return id;
  }

  text(id: TextId): string {
    return this.texts[id]!;
  }
}

function tooMany(count: number): TriageError {
  return new TriageError({
    code: "trace/too-many-texts",
    exit: EXIT.unreadable,
    message: `The trace holds more than ${count} different names and argument texts.`,
    hint: "Record fewer steps, or without shapes and stacks.",
  });
}

/** Consecutive numbers for sparse ids, in the order they are asked for. Id 0 keeps number 0. */
export class Numbering {
  readonly #numbers: number[] = [0];
  readonly #ids: number[] = [0];

  of(id: TextId): number {
    const known = this.#numbers[id];
    if (known !== undefined) return known;
    const number = this.#ids.length;
    while (this.#numbers.length < id) this.#numbers.push(undefined as never);
    this.#numbers[id] = number;
    this.#ids.push(id);
    return number;
  }

  texts(texts: TextTable): string[] {
    return this.#ids.map((id) => texts.text(id));
  }
}
