import type { ChainNet } from "./automaton.ts";

/** Entries of the transition table kept at once: 4 million cells are 16 MB. */
const DEFAULT_CELLS = 1 << 22;

/**
 * Deterministic view of a {@link ChainNet}, filled on demand. When the table is full it is thrown
 * away and filled anew from the current state, as RE2 does: memory stays bounded and the answers
 * are the same, only slower.
 */
export class LazyDfa {
  readonly #net: ChainNet;
  readonly #letters: number;
  readonly #maxStates: number;
  #sets: (readonly number[])[] = [];
  #ids = new Map<string, number>();
  /** `next[state * letters + letter]`, -1 where not yet known. */
  #next = new Int32Array(0);
  #accepts: (readonly number[])[] = [];
  /** Numbers held by all sets together. */
  #held = 0;
  readonly #mostHeld: number;
  /** Times the table was thrown away; 0 in every trace seen so far. */
  flushes = 0;

  constructor(net: ChainNet, letters: number, cells: number = DEFAULT_CELLS) {
    this.#net = net;
    this.#letters = letters;
    this.#mostHeld = cells;
    this.#maxStates = Math.max(2, Math.floor(cells / letters));
    this.#reset();
  }

  get states(): number {
    return this.#sets.length;
  }

  /** State before any kernel was read; the number stays valid across flushes. */
  readonly start = 0;

  step(state: number, letter: number): number {
    const known = this.#next[state * this.#letters + letter]!;
    return known >= 0 ? known : this.#fill(state, letter);
  }

  /** Patterns of which a match may start at the kernel just read, ascending. */
  accepts(state: number): readonly number[] {
    return this.#accepts[state]!;
  }

  #fill(state: number, letter: number): number {
    const reached = [...this.#net.inject(letter)];
    for (const node of this.#sets[state]!) this.#net.advance(node, letter, reached);
    const set = normalise(reached, this.#net);
    const key = set.join();
    let id = this.#ids.get(key);
    const isFull = this.#sets.length >= this.#maxStates || this.#held + set.length > this.#mostHeld;
    if (id === undefined && isFull && this.#sets.length > 1) {
      this.#reset();
      this.flushes++;
      return this.#ids.get(key) ?? this.#add(set, key);
    }
    id ??= this.#add(set, key);
    this.#next[state * this.#letters + letter] = id;
    return id;
  }

  #add(set: readonly number[], key: string): number {
    const id = this.#sets.length;
    this.#sets.push(set);
    this.#held += set.length;
    this.#ids.set(key, id);
    const patterns = set.map((node) => this.#net.accepts(node)).filter((pattern) => pattern >= 0);
    this.#accepts.push([...new Set(patterns)].sort((a, b) => a - b));
    const cells = this.#sets.length * this.#letters;
    if (cells > this.#next.length) this.#next = grown(this.#next, cells);
    return id;
  }

  #reset(): void {
    this.#sets = [];
    this.#held = 0;
    this.#ids = new Map();
    this.#accepts = [];
    this.#next = new Int32Array(0);
    this.#add([], "");
  }
}

function grown(table: Int32Array, cells: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(cells, table.length * 2, 1024)).fill(-1);
  larger.set(table);
  return larger;
}

/** Sorted, each once; of the nodes that wait for the same kernel only the one with most skips left. */
function normalise(nodes: readonly number[], net: ChainNet): readonly number[] {
  const best = new Map<number, number>();
  for (const node of nodes) {
    const family = net.family(node);
    const known = best.get(family);
    if (known === undefined || node < known) best.set(family, node);
  }
  return [...best.values()].sort((a, b) => a - b);
}
