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
    for (const comment of comments) this.#place(comment);
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

  #place(comment: CommentNode): void {
    const { start, end } = comment.range;
    const lineBreak = this.#text.lastIndexOf("\n", start - 1);
    const isAlone = this.#text.slice(lineBreak + 1, start).trim() === "";
    const beside = isAlone
      ? undefined
      : this.#anchors
          .filter((anchor) => anchor.end <= start && anchor.end > lineBreak)
          .sort((a, b) => b.end - a.end || a.start - b.start)[0];
    if (beside !== undefined) {
      this.#behind.set(keyOf(beside), comment);
      return;
    }
    const block = this.#blocks
      .filter((one) => one.start <= start && end <= one.end)
      .sort((a, b) => b.start - a.start || a.end - b.end)[0]!;
    const opens = !this.#text.slice(block.start, start).includes("\n");
    if (opens && this.#anchors.some((anchor) => keyOf(anchor) === keyOf(block))) {
      // Behind an opening brace: it speaks of the whole block.
      this.#hang(this.#before, block, comment);
      return;
    }
    const next = this.#anchors
      .filter((anchor) => anchor.start >= end && anchor.start < block.end)
      .sort((a, b) => a.start - b.start || b.end - a.end)[0];
    if (next === undefined) this.#hang(this.#inside, block, comment);
    else this.#hang(this.#before, next, comment);
  }

  #hang(on: Map<number, CommentNode[]>, part: Span, comment: CommentNode): void {
    const key = keyOf(part);
    on.set(key, [...(on.get(key) ?? []), comment]);
  }
}
