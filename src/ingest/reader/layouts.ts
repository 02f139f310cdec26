import { WordArena } from "./word-arena.ts";

/** What to do behind a literal: read the value of a field, or, at {@link END}, stop. */
export type Step = number;
export const END: Step = -1;

/** Enough for every mix of arguments recorders write; more are not learned. */
const MOST_NODES = 4096;
/** Alternatives tried at one place before giving up. */
const MOST_BRANCHES = 24;

/** Bytes that always stand between two values (keys, punctuation, blanks), and what follows them. */
export interface LayoutNode {
  readonly place: number;
  readonly length: number;
  readonly step: Step;
  /** Alternatives behind the value, the one taken last in front. */
  readonly next: LayoutNode[];
}

/**
 * The ways elements have been laid out so far. Recorders print every event of a kind alike: once
 * one has been read key by key, the text between its values is known, and the next of its kind is
 * read by comparing that text, words at a time. Nothing is guessed: bytes that differ from every
 * known layout are read key by key again.
 */
export class Layouts {
  readonly first: LayoutNode[] = [];
  private readonly arena = new WordArena();
  private nodes = 0;

  /** The node of `nodes` whose literal stands at `at`, before `end`; null when none does. */
  match(nodes: LayoutNode[], view: DataView, at: number, end: number): LayoutNode | null {
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      if (at + node.length > end) continue;
      if (!this.arena.equals(node.place, node.length, view, at)) continue;
      if (i > 0) {
        nodes[i] = nodes[i - 1]!;
        nodes[i - 1] = node;
      }
      return node;
    }
    return null;
  }

  /**
   * Learns the layout of an element that was read key by key.
   *
   * @param path steps taken, each with where its value starts and ends.
   */
  learn(bytes: Uint8Array, view: DataView, at: number, end: number, path: LayoutPath): void {
    let nodes = this.first;
    let from = at;
    for (let i = 0; i <= path.length; i++) {
      const isLast = i === path.length;
      const to = isLast ? end : path.starts[i]!;
      const step = isLast ? END : path.steps[i]!;
      let node = nodes.find((known) => this.isSame(known, view, from, to, step));
      if (node === undefined) {
        if (nodes.length >= MOST_BRANCHES || this.nodes >= MOST_NODES) return;
        this.nodes++;
        const place = this.arena.add(bytes, from, to - from);
        node = { place, length: to - from, step, next: [] };
        nodes.push(node);
      }
      nodes = node.next;
      if (!isLast) from = path.ends[i]!;
    }
  }

  private isSame(node: LayoutNode, view: DataView, from: number, to: number, step: Step): boolean {
    if (node.step !== step || node.length !== to - from) return false;
    return this.arena.equals(node.place, node.length, view, from);
  }
}

/** Steps of one element while it is read key by key. */
export class LayoutPath {
  length = 0;
  readonly steps: Step[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  add(step: Step, start: number, end: number): void {
    this.steps[this.length] = step;
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length++;
  }
}
