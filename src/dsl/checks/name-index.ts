import { type CompiledGlob, compileGlob, matchesGlob } from "../../model/class-match.ts";
import { addBit, allBits, type Bits, noBits } from "./bits.ts";

/**
 * Many texts that many globs are asked about. A glob is looked up by the longest piece of it that
 * must be there, in all texts at once; only texts that hold the piece are matched in full.
 */
export class NameIndex {
  readonly size: number;
  private readonly texts: readonly string[];
  private readonly owners: readonly number[];
  private readonly joined: string;
  private readonly starts: readonly number[];
  private readonly known = new Map<string, Bits>();

  /** @param spellings texts of member 0, of member 1, …; none of them holds a line break. */
  constructor(spellings: readonly (readonly string[])[]) {
    this.size = spellings.length;
    this.texts = spellings.flat();
    this.owners = spellings.flatMap((list, owner) => list.map(() => owner));
    this.joined = this.texts.join("\n");
    const starts: number[] = [];
    let at = 0;
    for (const text of this.texts) {
      starts.push(at);
      at += text.length + 1;
    }
    this.starts = starts;
  }

  /** Members of which any spelling fits. */
  glob(text: string): Bits {
    let bits = this.known.get(text);
    if (bits === undefined) {
      bits = this.find(compileGlob(text));
      this.known.set(text, bits);
    }
    return bits;
  }

  regex(source: string): Bits {
    const regex = new RegExp(source);
    const bits = noBits(this.size);
    for (const [index, text] of this.texts.entries())
      if (regex.test(text)) addBit(bits, this.owners[index]!);
    return bits;
  }

  private find(glob: CompiledGlob): Bits {
    const piece = glob.parts.reduce((a, b) => (b.length > a.length ? b : a));
    if (piece === "") return glob.parts.length > 1 ? allBits(this.size) : noBits(this.size);
    const bits = noBits(this.size);
    let at = this.joined.indexOf(piece);
    while (at >= 0) {
      const index = this.textAt(at);
      const text = this.texts[index]!;
      if (matchesGlob(glob, text)) addBit(bits, this.owners[index]!);
      at = this.joined.indexOf(piece, this.starts[index]! + text.length);
    }
    return bits;
  }

  /** The text that holds an offset of the joined texts. */
  private textAt(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
