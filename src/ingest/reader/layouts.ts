import { WordArena } from "./word-arena.ts";

/** What to do behind a literal: read the value of a field, or, at {@link END}, stop. */
export type Step = number;
export const END: Step = -1;

/** Enough for every mix of arguments recorders write; more are not learned. */
const MOST_NODES = 4096;
/** Alternatives tried at one place; fields with more values than this are read, not compared. */
const MOST_BRANCHES = 24;

/** A field whose value is part of a literal: the step, and what its reader had found. */
export interface Constant {
  readonly step: Step;
  readonly value: number;
}

/** Bytes that always stand between two values (keys, punctuation, blanks), and what follows them. */
export interface LayoutNode {
  readonly place: number;
  readonly length: number;
  /** Fields of few values (phase, category, process) that the bytes themselves spell. */
  readonly constants: readonly Constant[];
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
   * @param path the values read, each with where it starts and ends, in order.
   */
  learn(bytes: Uint8Array, view: DataView, at: number, end: number, path: LayoutPath): void {
    let nodes = this.first;
    let from = at;
    let constants: Constant[] = [];
    for (const part of path.parts) {
      if (part.isConstant && nodes.length < MOST_BRANCHES) {
        constants.push({ step: part.step, value: part.value });
        continue;
      }
      const next = this.node(nodes, bytes, view, from, part.start, constants, part.step);
      if (next === null) return;
      nodes = next.next;
      from = part.end;
      constants = [];
    }
    this.node(nodes, bytes, view, from, end, constants, END);
  }

  /** The node for these bytes, a new one if need be; null when there are too many already. */
  private node(
    nodes: LayoutNode[],
    bytes: Uint8Array,
    view: DataView,
    from: number,
    to: number,
    constants: readonly Constant[],
    step: Step,
  ): LayoutNode | null {
    const length = to - from;
    const known = nodes.find(
      (node) =>
        node.step === step &&
        node.length === length &&
        this.arena.equals(node.place, length, view, from),
    );
    if (known !== undefined) return known;
    if (nodes.length > MOST_BRANCHES || this.nodes >= MOST_NODES) return null;
    this.nodes++;
    const place = this.arena.add(bytes, from, length);
    const node = { place, length, constants, step, next: [] };
    nodes.push(node);
    return node;
  }
}

/** The values of one element while it is read key by key. */
export class LayoutPath {
  readonly parts: {
    readonly step: Step;
    readonly start: number;
    readonly end: number;
    readonly value: number;
    readonly isConstant: boolean;
  }[] = [];
}
