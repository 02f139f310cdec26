import type { SourceRange } from "../../model/diagnostic.ts";
import type { CommentNode, Node } from "../ast.ts";
import { type Doc, hardline, suffix } from "./doc.ts";

type Span = Pick<SourceRange, "start" | "end">;
const keyOf = ({ start, end }: Span): string => `${start}-${end}`;

/**
 * Keeps each comment with the part it speaks of, so that it moves along when parts are put in
 * order. The printer runs twice: once to learn which parts it can hang comments on, once to print
 * with the comments in place.
 */
export class Comments {
  private readonly text: string;
  private readonly anchors: Span[] = [];
  private readonly blocks: Span[] = [];
  private attached = false;
  private readonly before = new Map<string, CommentNode[]>();
  private readonly behind = new Map<string, CommentNode>();
  private readonly inside = new Map<string, CommentNode[]>();

  constructor(text: string) {
    this.text = text;
  }

  /** Ends the first run. */
  attach(comments: readonly CommentNode[]): void {
    for (const comment of comments) this.place(comment);
    this.attached = true;
  }

  /** A part with the comments before it and the one behind it. */
  around({ range }: Node, doc: Doc): Doc {
    const key = keyOf(range);
    if (!this.attached) {
      this.anchors.push(range);
      return doc;
    }
    const before = this.take(this.before, key) ?? [];
    const behind = this.take(this.behind, key);
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
    if (!this.attached) this.blocks.push(range);
    return this.take(this.inside, keyOf(range)) ?? [];
  }

  /** Whether the author left a blank line before the part and its comments. */
  spaced({ range }: Node): boolean {
    const first = this.before.get(keyOf(range))?.[0];
    return this.blankBefore(first?.range ?? range);
  }

  blankBefore({ start }: Span): boolean {
    let breaks = 0;
    for (let at = start - 1; at >= 0 && /\s/.test(this.text[at]!); at--)
      if (this.text[at] === "\n" && ++breaks === 2) return true;
    return false;
  }

  private take<Value>(from: Map<string, Value>, key: string): Value | undefined {
    const found = from.get(key);
    from.delete(key);
    return found;
  }

  private place(comment: CommentNode): void {
    const { start, end } = comment.range;
    const lineBreak = this.text.lastIndexOf("\n", start - 1);
    const beside = this.anchors
      .filter((anchor) => anchor.end <= start && anchor.end > lineBreak)
      .sort((a, b) => b.end - a.end || a.start - b.start)[0];
    if (beside !== undefined) {
      this.behind.set(keyOf(beside), comment);
      return;
    }
    const block = this.blocks
      .filter((one) => one.start <= start && end <= one.end)
      .sort((a, b) => b.start - a.start || a.end - b.end)[0]!;
    const opens = !this.text.slice(block.start, start).includes("\n");
    if (opens && this.anchors.some((anchor) => keyOf(anchor) === keyOf(block))) {
      // Behind an opening brace: it speaks of the whole block.
      this.hang(this.before, block, comment);
      return;
    }
    const next = this.anchors
      .filter((anchor) => anchor.start >= end && anchor.start < block.end)
      .sort((a, b) => a.start - b.start || b.end - a.end)[0];
    if (next === undefined) this.hang(this.inside, block, comment);
    else this.hang(this.before, next, comment);
  }

  private hang(on: Map<string, CommentNode[]>, part: Span, comment: CommentNode): void {
    const key = keyOf(part);
    on.set(key, [...(on.get(key) ?? []), comment]);
  }
}
