import { type CompiledGlob, compileGlob, matchesGlob } from "../../../model/classes/glob.ts";
import { addBit, allBits, type Bits, noBits } from "./bits.ts";

/** Letters of a run that is looked up, and the number of different runs told apart. */
const RUN = 4;
const BUCKETS = 1 << 16;

/**
 * Many texts that many globs are asked about. Where each run of four letters stands is noted once;
 * a glob is looked up by the rarest run of its longest piece, and only texts that hold the piece
 * are matched in full.
 */
export class NameIndex {
  readonly size: number;
  readonly #texts: readonly string[];
  readonly #owners: readonly number[];
  readonly #joined: string;
  /** Text that holds each offset of the joined texts. */
  readonly #textAt: Uint32Array;
  /** Offsets by run; those of bucket b lie between `first[b]` and `first[b + 1]`. */
  readonly #first = new Uint32Array(BUCKETS + 1);
  readonly #offsets: Uint32Array;
  readonly #known = new Map<string, Bits>();

  /** @param spellings texts of member 0, of member 1, …; none of them holds a line break. */
  constructor(spellings: readonly (readonly string[])[]) {
    this.size = spellings.length;
    this.#texts = spellings.flat();
    this.#owners = spellings.flatMap((list, owner) => list.map(() => owner));
    this.#joined = this.#texts.join("\n");
    this.#textAt = new Uint32Array(this.#joined.length + 1);
    let at = 0;
    for (const [index, text] of this.#texts.entries()) {
      this.#textAt.fill(index, at, at + text.length + 1);
      at += text.length + 1;
    }
    this.#offsets = new Uint32Array(Math.max(0, this.#joined.length - RUN + 1));
    this.#noteRuns();
  }

  /** Members of which any spelling fits. */
  glob(text: string): Bits {
    let bits = this.#known.get(text);
    if (bits === undefined) {
      bits = this.#find(compileGlob(text));
      this.#known.set(text, bits);
    }
    return bits;
  }

  /** Counted, then placed: offsets stay in order within a bucket. */
  #noteRuns(): void {
    const buckets = new Uint16Array(this.#offsets.length);
    let bucket = bucketOf(this.#joined, 0);
    for (let at = 0; at < buckets.length; at++) {
      buckets[at] = bucket;
      bucket = withNext(bucket, this.#joined.charCodeAt(at + RUN));
    }
    for (let at = 0; at < buckets.length; at++) this.#first[buckets[at]! + 1]!++;
    for (let b = 0; b < BUCKETS; b++) this.#first[b + 1]! += this.#first[b]!;
    const next = this.#first.slice();
    for (let at = 0; at < buckets.length; at++) this.#offsets[next[buckets[at]!]!++] = at;
  }

  #find(glob: CompiledGlob): Bits {
    const piece = glob.parts.reduce((a, b) => (b.length > a.length ? b : a));
    if (piece.length < RUN) return this.#findInAll(glob);
    const run = this.#rarestRun(piece);
    const bucket = bucketOf(piece, run);
    const bits = noBits(this.size);
    for (let i = this.#first[bucket]!; i < this.#first[bucket + 1]!; i++) {
      const at = this.#offsets[i]! - run;
      if (at < 0 || !this.#joined.startsWith(piece, at)) continue;
      const index = this.#textAt[at]!;
      if (matchesGlob(glob, this.#texts[index]!)) addBit(bits, this.#owners[index]!);
    }
    return bits;
  }

  #rarestRun(piece: string): number {
    let best = 0;
    let fewest = Number.POSITIVE_INFINITY;
    for (let at = 0; at + RUN <= piece.length; at++) {
      const bucket = bucketOf(piece, at);
      const count = this.#first[bucket + 1]! - this.#first[bucket]!;
      if (count < fewest) [best, fewest] = [at, count];
    }
    return best;
  }

  #findInAll(glob: CompiledGlob): Bits {
    if (glob.parts.length > 1 && glob.parts.every((part) => part === "")) return allBits(this.size);
    const bits = noBits(this.size);
    for (const [index, text] of this.#texts.entries())
      if (matchesGlob(glob, text)) addBit(bits, this.#owners[index]!);
    return bits;
  }
}

function bucketOf(text: string, at: number): number {
  let bucket = 0;
  for (let i = 0; i < RUN; i++) bucket = withNext(bucket, text.charCodeAt(at + i));
  return bucket;
}

/** Four bits a letter: what four letters ago was added has been shifted out. */
const withNext = (bucket: number, letter: number): number =>
  ((bucket << 4) ^ letter ^ (letter >> 3)) & (BUCKETS - 1);
