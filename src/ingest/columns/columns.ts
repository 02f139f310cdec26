import { release } from "./release.ts";
import { rowOrder } from "./row-order.ts";

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The columns of one table by name, each given by its array class. */
export type TableShape = Readonly<Record<string, new (length: number) => Column>>;
export type ColumnsOf<S extends TableShape> = { -readonly [K in keyof S]: InstanceType<S[K]> };
export type Finished<S extends TableShape> = Readonly<ColumnsOf<S>> & { readonly count: number };

/** Rows of the first block; every further one has twice as many. Small traces are frequent. */
const FIRST_BLOCK = 512;

/**
 * A table that grows by whole blocks: appending never copies, and finishing makes the contiguous
 * arrays one column at a time, so that the peak is little above the result. Blocks double, because
 * only large ones are given back to the system when they go; what is not written costs nothing.
 */
export class GrowingTable<S extends TableShape> {
  /** Columns of the block that {@link next} points into. */
  block: ColumnsOf<S>;
  private readonly shape: S;
  private readonly blocks: ColumnsOf<S>[];
  private size = FIRST_BLOCK;
  private used = 0;
  /** Rows of the blocks before. */
  private before = 0;

  constructor(shape: S) {
    this.shape = shape;
    this.block = this.allocate();
    this.blocks = [this.block];
  }

  get count(): number {
    return this.before + this.used;
  }

  /** Makes room for one row and returns its index in {@link block}. */
  next(): number {
    if (this.used === this.size) this.grow();
    return this.used++;
  }

  private grow(): void {
    this.before += this.size;
    this.size *= 2;
    this.used = 0;
    this.block = this.allocate();
    this.blocks.push(this.block);
  }

  /** All columns as contiguous arrays, by ascending start; the table is empty afterwards. */
  finishByStart(): Finished<S> {
    const start = this.joined("start") as Float64Array;
    const order = rowOrder({ count: this.count, thread: null, start, duration: null });
    return this.finish({ start }, order);
  }

  /** The same by thread, start, longest first: a parent precedes its children. */
  finishByThread(): Finished<S> {
    const thread = this.joined("thread") as Uint16Array;
    const start = this.joined("start") as Float64Array;
    const duration = this.joined("duration") as Float64Array;
    const order = rowOrder({ count: this.count, thread, start, duration });
    return this.finish({ thread, start, duration }, order);
  }

  /** @param order new row → old row, null to keep the order of appending. */
  private finish(joined: Record<string, Column>, order: Uint32Array | null): Finished<S> {
    const columns: Record<string, Column> = {};
    const spares: Spares = new Map();
    for (const key of Object.keys(this.shape)) {
      const column = joined[key] ?? this.joined(key);
      delete joined[key];
      columns[key] = order === null ? column : reordered(column, order, spares);
    }
    for (const spare of spares.values()) release(spare);
    if (order !== null) release(order);
    return { count: this.count, ...columns } as unknown as Finished<S>;
  }

  private joined(key: keyof S & string): Column {
    const { count } = this;
    const all = new this.shape[key]!(count);
    let at = 0;
    for (const block of this.blocks) {
      const column = block[key] as Column;
      const rows = Math.min(column.length, count - at);
      all.set(column.subarray(0, rows), at);
      at += rows;
      release(column);
    }
    return all;
  }

  private allocate(): ColumnsOf<S> {
    const columns: Record<string, Column> = {};
    for (const [key, ColumnClass] of Object.entries(this.shape)) {
      columns[key] = new ColumnClass(this.size);
    }
    return columns as ColumnsOf<S>;
  }
}

/** Columns whose memory is free again, by bytes of an element. */
type Spares = Map<number, Column>;

/** A copy by `order`, into a spare if there is one; the column becomes the next spare. */
function reordered(column: Column, order: Uint32Array, spares: Spares): Column {
  const width = column.BYTES_PER_ELEMENT;
  const out = spares.get(width) ?? column.slice();
  for (let row = 0; row < out.length; row++) out[row] = column[order[row]!]!;
  spares.set(width, column);
  return out;
}
