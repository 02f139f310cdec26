import { areEqual, keep } from "./arena.ts";
import { END, isDetail, offsetOfFewValued } from "./fields.ts";
import { HAS_DETAILS_AT } from "./row-layout.ts";

/** Enough for every mix of arguments recorders write; more are not learned. */
const MOST_NODES = 4096;
/** Alternatives tried at one place; fields with more values than this are read, not compared. */
const MOST_BRANCHES = 24;

/** A field whose value is part of a literal: where in a row it stands, and what reading it found. */
@unmanaged
class Constant {
  offset: usize = 0;
  value: i32 = 0;
  next: Constant | null = null;
}

/** Bytes that always stand between two values (keys, punctuation, blanks), and what follows them. */
@unmanaged
export class LayoutNode {
  place: usize = 0;
  length: usize = 0;
  /** Fields of few values (phase, category, process) that the bytes themselves spell. */
  constants: Constant | null = null;
  /** The field whose value stands behind the literal, or {@link END}. */
  field: i32 = 0;
  /** Alternatives behind the value, the one taken last in front. */
  firstNext: LayoutNode | null = null;
  branches: i32 = 0;
  sibling: LayoutNode | null = null;
}

/**
 * The ways elements have been laid out so far. Recorders print every event of a kind alike: once
 * one has been read key by key, the text between its values is known, and the next of its kind is
 * read by comparing that text. Nothing is guessed: bytes that differ from every known layout are
 * read key by key again.
 */
export const ROOT = new LayoutNode();
let nodes = 0;

/** The alternative behind `node` whose literal stands at `at`, before `end`. */
export function nextNode(node: LayoutNode, at: usize, end: usize): LayoutNode | null {
  let before: LayoutNode | null = null;
  let next = node.firstNext;
  while (next !== null) {
    if (at + next.length <= end && areEqual(next.place, at, next.length)) {
      if (before !== null) {
        before.sibling = next.sibling;
        next.sibling = node.firstNext;
        node.firstNext = next;
      }
      return next;
    }
    before = next;
    next = next.sibling;
  }
  return null;
}

/** The alternative for these bytes, a new one if need be; null when there are too many already. */
function learnNode(
  node: LayoutNode,
  from: usize,
  to: usize,
  constants: Constant | null,
  field: i32,
): LayoutNode | null {
  const length = to - from;
  let known = node.firstNext;
  while (known !== null) {
    if (known.field === field && known.length === length && areEqual(known.place, from, length)) {
      return known;
    }
    known = known.sibling;
  }
  if (node.branches > MOST_BRANCHES || nodes >= MOST_NODES) return null;
  nodes++;
  const added = new LayoutNode();
  added.place = keep(from, length);
  added.length = length;
  added.constants = constants;
  added.field = field;
  added.sibling = node.firstNext;
  node.firstNext = added;
  node.branches++;
  return added;
}

@unmanaged
class Part {
  field: i32 = 0;
  value: i32 = 0;
  start: usize = 0;
  end: usize = 0;
}

/** Elements of more values are read key by key each time. */
const MOST_PARTS = 256;
const parts = heap.alloc(MOST_PARTS * offsetof<Part>());
let partCount = 0;

/** Forgets the values of the element before. */
export function startPath(): void {
  partCount = 0;
}

/**
 * Notes a value of the element that is being read key by key.
 *
 * @param value what was found, should the field be one of few values; -1 when that is too large.
 */
export function notePart(field: i32, start: usize, end: usize, value: i32): void {
  if (partCount < MOST_PARTS) {
    const part = partAt(partCount);
    part.field = field;
    part.start = start;
    part.end = end;
    part.value = value;
  }
  partCount++;
}

/** Learns the layout of the element at `at` whose values were noted. */
export function learnPath(at: usize, end: usize): void {
  if (partCount > MOST_PARTS) return;
  let node = ROOT;
  let from = at;
  let constants: Constant | null = null;
  for (let i = 0; i < partCount; i++) {
    const part = partAt(i);
    const offset = offsetOfFewValued(part.field);
    if (offset !== 0 && part.value >= 0 && node.branches < MOST_BRANCHES) {
      constants = constantOf(offset, part.value, constants);
      if (isDetail(part.field)) constants = constantOf(HAS_DETAILS_AT, 1, constants);
      continue;
    }
    const next = learnNode(node, from, part.start, constants, part.field);
    if (next === null) return;
    node = next;
    from = part.end;
    constants = null;
  }
  learnNode(node, from, end, constants, END);
}

function constantOf(offset: usize, value: i32, next: Constant | null): Constant {
  const constant = new Constant();
  constant.offset = offset;
  constant.value = value;
  constant.next = next;
  return constant;
}

function partAt(index: i32): Part {
  return changetype<Part>(parts + index * offsetof<Part>());
}
