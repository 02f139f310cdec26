import type { ClassTable } from "./class-table.ts";

/**
 * The alphabet of one stage: symbols that no live rule can tell apart share a letter. Letter 0
 * belongs to no live class. Row `letter` of `bits` is a bitset over the class table's bits.
 */
export interface Letters {
  readonly count: number;
  readonly ofSymbol: Uint32Array;
  readonly words: number;
  readonly bits: Uint32Array;
}

/** @param liveBits bits of the classes used by rules whose guards hold in this stage. */
export function assignLetters(table: ClassTable, liveBits: Iterable<number>): Letters {
  const { words } = table;
  const mask = new Uint32Array(words);
  for (const bit of liveBits) mask[bit >> 5]! |= 1 << (bit & 31);

  const symbols = table.bits.length / words;
  const letterOfKey = new Map<string, number>([[new Uint32Array(words).join(), 0]]);
  const rows: Uint32Array[] = [new Uint32Array(words)];
  const ofSymbol = new Uint32Array(symbols);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const row = table.bits.slice(symbol * words, (symbol + 1) * words);
    for (let word = 0; word < words; word++) row[word]! &= mask[word]!;
    const key = row.join();
    let letter = letterOfKey.get(key);
    if (letter === undefined) {
      letter = rows.length;
      letterOfKey.set(key, letter);
      rows.push(row);
    }
    ofSymbol[symbol] = letter;
  }
  const bits = new Uint32Array(rows.length * words);
  for (const [letter, row] of rows.entries()) bits.set(row, letter * words);
  return { count: rows.length, ofSymbol, words, bits };
}

export function letterInClass(letters: Letters, letter: number, bit: number): boolean {
  return ((letters.bits[letter * letters.words + (bit >> 5)]! >>> (bit & 31)) & 1) === 1;
}
