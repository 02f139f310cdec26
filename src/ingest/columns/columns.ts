import { release } from "./release.ts";
import { rowOrder } from "./row-order.ts";

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

interface ColumnClass<C extends Column = Column> {
  new (length: number): C;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): C;
}

/** The columns of one table by name, each given by its array class. */
type TableShape = Readonly<Record<string, ColumnClass>>;
type ColumnsOf<S extends TableShape> = { -readonly [K in keyof S]: InstanceType<S[K]> };
type Finished<S extends TableShape> = Readonly<ColumnsOf<S>> & { readonly count: number };

/** Rows there is room for at first. Small traces are frequent. */
const FIRST_ROOM = 1024;
/** So much more room is taken each time that tables of any size are moved a few times only. */
const GROWTH = 8;

/**
 * A table that grows while a file is read. Memory costs nothing until it is written: columns take
 * room for many more rows than there are, are seldom moved and never joined, and what was reserved
 * in vain stays behind the rows for good.
 */
export class GrowingTable<S extends TableShape> {
  /** With room for the row that {@link next} tells, and maybe more. */
  columns: ColumnsOf<S>;
  count = 0;
  readonly #shape: S;
  #room = FIRST_ROOM;

  constructor(shape: S) {
    this.#shape = shape;
    this.columns = this.#mapped((Class) => new Class(FIRST_ROOM));
  }

  /** Makes room for one row and returns its index in {@link columns}. */
  next(): number {
    if (this.count === this.#room) this.#grow();
    return this.count++;
  }

  /** @param rows numbers of rows to leave out, ascending; those behind them move up. */
  remove(rows: readonly number[]): void {
    if (rows.length === 0) return;
    let next = 0;
    let to = rows[0]!;
    for (let from = to; from < this.count; from++) {
      if (from === rows[next]) {
        next++;
        continue;
      }
      for (const column of Object.values<Column>(this.columns)) column[to] = column[from]!;
      to++;
    }
    this.count = to;
  }

  #grow(): void {
    this.#room *= GROWTH;
    this.columns = this.#mapped((Class, key) => {
      const grown = new Class(this.#room);
      grown.set(this.columns[key]!);
      release(this.columns[key]!);
      return grown;
    });
  }

  /** All columns by ascending start; the table is spent afterwards. */
  finishByStart(): Finished<S> {
    return this.#finish(null, null);
  }

  /** The same by thread, start, longest first: a parent precedes its children. */
  finishByThread(): Finished<S> {
    const { thread, duration } = this.columns;
    return this.#finish(thread as Uint16Array, duration as Float64Array);
  }

  #finish(thread: Uint16Array | null, duration: Float64Array | null): Finished<S> {
    const { count, columns } = this;
    const order = rowOrder({ count, thread, start: columns.start as Float64Array, duration });
    if (order !== null) this.#reorder(order);
    const rows = this.#mapped((_, key) => columns[key]!.subarray(0, count) as Column);
    return { count, ...rows };
  }

  /** @param order new row → old row; released. */
  #reorder(order: Uint32Array): void {
    const shape = this.#shape;
    const { columns } = this;
    const spare = new ArrayBuffer(order.length * Float64Array.BYTES_PER_ELEMENT);
    for (const [key, Class] of Object.entries(shape)) {
      const column = columns[key]!;
      const sorted = new Class(spare, 0, order.length);
      for (let row = 0; row < order.length; row++) sorted[row] = column[order[row]!]!;
      column.set(sorted);
    }
    release(new Uint8Array(spare));
    release(order);
  }

  #mapped(column: (Class: ColumnClass, key: string) => Column): ColumnsOf<S> {
    const shape = this.#shape;
    const columns: Record<string, Column> = {};
    for (const key of Object.keys(shape)) columns[key] = column(shape[key]!, key);
    return columns as ColumnsOf<S>;
  }
}
