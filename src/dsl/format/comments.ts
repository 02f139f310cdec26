import { firstIndex } from "../../base/first-index.ts";
import type { SourceRange } from "../../model/diagnostic.ts";
import type { CommentNode, Node } from "../ast.ts";
import { type Doc, hardline, suffix } from "./doc.ts";

type Span = Pick<SourceRange, "start" | "end">;

/** Texts are far shorter than 2^26 characters, so that no two spans share a key. */
const keyOf = ({ start, end }: Span): number => start * 2 ** 26 + end;

/**
 * Keeps each comment with the part it speaks of, so that it moves along when parts are put in
 * order. The printer runs twice: once to learn which parts it can hang comments on, once to print
 * with the comments in place.
 */
export class Comments {
  readonly #text: string;
  readonly #anchors: Span[] = [];
  readonly #blocks: Span[] = [];
  #attached = false;
  readonly #before = new Map<number, CommentNode[]>();
  readonly #behind = new Map<number, CommentNode>();
  readonly #inside = new Map<number, CommentNode[]>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Ends the first run. */
  attach(comments: readonly CommentNode[]): void {
    const places = new Places(this.#anchors, this.#blocks);
    for (const comment of comments) this.#place(comment, places);
    this.#attached = true;
  }

  /** A part with the comments before it and the one behind it. */
  around({ range }: Node, doc: Doc): Doc {
    if (!this.#attached) {
      this.#anchors.push(range);
      return doc;
    }
    const key = keyOf(range);
    if (!this.#before.has(key) && !this.#behind.has(key)) return doc;
    const before = this.#take(this.#before, key) ?? [];
    const behind = this.#take(this.#behind, key);
    return [
      before.map((comment, index) => [
        index > 0 && this.blankBefore(comment.range) ? hardline : "",
        comment.text,
        hardline,
      ]),
      before.length > 0 && this.blankBefore(range) ? hardline : "",
      doc,
      behind === undefined ? "" : suffix(` ${behind.text}`),
    ];
  }

  /** The comments at the end of a block, after its last part; each on a line of its own. */
  atEndOf({ range }: Node): readonly CommentNode[] {
    if (!this.#attached) this.#blocks.push(range);
    return this.#take(this.#inside, keyOf(range)) ?? [];
  }

  /** Whether the author left a blank line before the part and its comments. */
  spaced({ range }: Node): boolean {
    const first = this.#before.get(keyOf(range))?.[0];
    return this.blankBefore(first?.range ?? range);
  }

  blankBefore({ start }: Span): boolean {
    let breaks = 0;
    for (let at = start - 1; at >= 0; at--) {
      const letter = this.#text[at]!;
      if (letter === "\n" && ++breaks === 2) return true;
      if (letter !== " " && !/\s/.test(letter)) return false;
    }
    return false;
  }

  #take<Value>(from: Map<number, Value>, key: number): Value | undefined {
    const found = from.get(key);
    from.delete(key);
    return found;
  }

  #place(comment: CommentNode, places: Places): void {
    const { start } = comment.range;
    const lineBreak = this.#text.lastIndexOf("\n", start - 1);
    const isAlone = this.#text.slice(lineBreak + 1, start).trim() === "";
    const beside = isAlone ? undefined : places.lastEnding(start, lineBreak);
    if (beside !== undefined) {
      this.#behind.set(keyOf(beside), comment);
      return;
    }
    const block = places.blockAround(comment.range);
    const opens = !this.#text.slice(block.start, start).includes("\n");
    if (opens && places.isAnchor(block)) {
      // Behind an opening brace: it speaks of the whole block.
      hang(this.#before, block, comment);
      return;
    }
    const next = places.firstStarting(comment.range.end, block.end);
    if (next === undefined) hang(this.#inside, block, comment);
    else hang(this.#before, next, comment);
  }
}

function hang(on: Map<number, CommentNode[]>, part: Span, comment: CommentNode): void {
  const key = keyOf(part);
  const there = on.get(key);
  if (there === undefined) on.set(key, [comment]);
  else there.push(comment);
}

/** Where comments can hang, in order: one question costs the logarithm of their number. */
class Places {
  readonly #byEnd: readonly Span[];
  readonly #byStart: readonly Span[];
  readonly #blocks: readonly Span[];
  /** Per block the one around it, -1 for the file. */
  readonly #around: Int32Array;
  readonly #anchors: ReadonlySet<number>;

  constructor(anchors: readonly Span[], blocks: readonly Span[]) {
    this.#byEnd = [...anchors].sort((a, b) => a.end - b.end || b.start - a.start);
    this.#byStart = [...anchors].sort((a, b) => a.start - b.start || b.end - a.end);
    this.#anchors = new Set(anchors.map(keyOf));
    this.#blocks = [...blocks].sort((a, b) => a.start - b.start || b.end - a.end);
    this.#around = new Int32Array(blocks.length).fill(-1);
    for (let at = 1; at < blocks.length; at++) {
      let around = at - 1;
      while (around >= 0 && this.#blocks[around]!.end < this.#blocks[at]!.end)
        around = this.#around[around]!;
      this.#around[at] = around;
    }
  }

  isAnchor(span: Span): boolean {
    return this.#anchors.has(keyOf(span));
  }

  /** The part that ends last up to `end`, behind `after`; the widest of several. */
  lastEnding(end: number, after: number): Span | undefined {
    const next = firstIndex(0, this.#byEnd.length, (at) => this.#byEnd[at]!.end > end);
    const found = this.#byEnd[next - 1];
    return found !== undefined && found.end > after ? found : undefined;
  }

  /** The part that starts first from `start` on, before `before`; the widest of several. */
  firstStarting(start: number, before: number): Span | undefined {
    const at = firstIndex(0, this.#byStart.length, (one) => this.#byStart[one]!.start >= start);
    const found = this.#byStart[at];
    return found !== undefined && found.start < before ? found : undefined;
  }

  /** The innermost block around a comment; at the least the file. */
  blockAround({ start, end }: Span): Span {
    let at = firstIndex(0, this.#blocks.length, (one) => this.#blocks[one]!.start > start) - 1;
    while (at > 0 && this.#blocks[at]!.end < end) at = this.#around[at]!;
    return this.#blocks[Math.max(at, 0)]!;
  }
}
