import type { TextId, TextTable } from "./text-table.ts";

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
