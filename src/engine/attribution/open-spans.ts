import { firstIndex } from "../../base/first-index.ts";
/** A table of nested spans ordered by (thread, start, longest first). */
export interface SpanTable {
  readonly count: number;
  readonly name: Uint32Array;
  readonly thread: Uint16Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
}

/**
 * The spans open at a moment that only moves forward within a thread: one pass over the table
 * whatever the number of moments. A span is open from its start up to, not including, its end.
 *
 * Each open span can carry a number worked out from the spans below it (a path); it is asked for
 * only where a moment needs it, and once.
 */
export class OpenSpans {
  readonly #table: SpanTable;
  readonly #firstOf: Int32Array;
  #next = 0;
  #last = 0;
  /** Rows of the open spans, outermost first. */
  readonly rows: number[] = [];
  readonly #ends: number[] = [];
  readonly #paths: number[] = [];
  /** A span outlived the one it started in: the open ones no longer end from the inside out. */
  #isRagged = false;

  constructor(table: SpanTable, threads: number) {
    this.#table = table;
    this.#firstOf = Int32Array.from({ length: threads + 1 }, (_, thread) =>
      firstRowOf(table, thread),
    );
  }

  enterThread(thread: number): void {
    this.#next = this.#firstOf[thread]!;
    this.#last = this.#firstOf[thread + 1]!;
    this.#truncate(0);
    this.#isRagged = false;
  }

  moveTo(time: number): void {
    const { start, duration } = this.#table;
    const last = this.#last;
    // Nearly all spans of a table end before the moment: millions pass through here.
    let next = this.#next;
    for (; next < last; next++) {
      const from = start[next]!;
      if (from > time) break;
      const end = from + duration[next]!;
      if (end > time) this.#open(next, from, end);
    }
    this.#next = next;
    this.#close(time);
    if (this.#isRagged) this.#closeBelow(time);
  }

  #open(row: number, start: number, end: number): void {
    this.#close(start);
    if (this.#ends.length > 0 && end > this.#ends.at(-1)!) this.#isRagged = true;
    this.rows.push(row);
    this.#ends.push(end);
    this.#paths.push(-1);
  }

  /**
   * Path of the innermost open span, 0 when none is open. `extend` gives the path of a span from
   * the path below it and the span's name.
   */
  path(extend: (path: number, name: number) => number): number {
    const paths = this.#paths;
    let known = paths.length;
    while (known > 0 && paths[known - 1]! < 0) known--;
    let path = known === 0 ? 0 : paths[known - 1]!;
    for (let at = known; at < paths.length; at++) {
      path = extend(path, this.#table.name[this.rows[at]!]!);
      paths[at] = path;
    }
    return path;
  }

  #close(time: number): void {
    let depth = this.#ends.length;
    while (depth > 0 && this.#ends[depth - 1]! <= time) depth--;
    if (depth < this.#ends.length) this.#truncate(depth);
    if (depth === 0) this.#isRagged = false;
  }

  #closeBelow(time: number): void {
    const first = this.#ends.findIndex((end) => end <= time);
    if (first < 0) return;
    const kept = this.rows.map((row, at) => [row, this.#ends[at]!] as const).slice(first);
    this.#truncate(first);
    for (const [row, end] of kept) {
      if (end <= time) continue;
      this.rows.push(row);
      this.#ends.push(end);
      // What lay below changed, so the path has to be worked out anew.
      this.#paths.push(-1);
    }
  }

  #truncate(depth: number): void {
    while (this.rows.length > depth) {
      this.rows.pop();
      this.#ends.pop();
      this.#paths.pop();
    }
  }
}

/** First row of a thread or of those after it: a binary search, for tables have millions of rows. */
function firstRowOf({ thread: threadOf, count }: SpanTable, thread: number): number {
  return firstIndex(0, count, (row) => threadOf[row]! >= thread);
}
