import { rowOrder } from "./row-order.ts";

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The columns of one table by name, each given by its array class. */
export type TableShape = Readonly<Record<string, new (length: number) => Column>>;
export type ColumnsOf<S extends TableShape> = { -readonly [K in keyof S]: InstanceType<S[K]> };
export type Finished<S extends TableShape> = Readonly<ColumnsOf<S>> & { readonly count: number };

/** Rows per block: large enough that a block switch costs nothing, small enough for tiny traces. */
const BLOCK = 16_384;

/**
 * A table that grows by whole blocks: appending never copies, and {@link finish} makes the
 * contiguous arrays one column at a time, so that the peak is one column above the result.
 */
export class GrowingTable<S extends TableShape> {
  /** Columns of the block that {@link next} points into. */
  block: ColumnsOf<S>;
  private readonly shape: S;
  private readonly blocks: ColumnsOf<S>[];
  private used = 0;

  constructor(shape: S) {
    this.shape = shape;
    this.block = this.allocate();
    this.blocks = [this.block];
  }

  get count(): number {
    return (this.blocks.length - 1) * BLOCK + this.used;
  }

  /** Makes room for one row and returns its index in {@link block}. */
  next(): number {
    if (this.used === BLOCK) {
      this.block = this.allocate();
      this.blocks.push(this.block);
      this.used = 0;
    }
    return this.used++;
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
    for (const key of Object.keys(this.shape)) {
      const column = joined[key] ?? this.joined(key);
      delete joined[key];
      columns[key] = order === null ? column : reordered(column, order);
    }
    return { count: this.count, ...columns } as unknown as Finished<S>;
  }

  private joined(key: keyof S & string): Column {
    const { count } = this;
    const all = new this.shape[key]!(count);
    this.blocks.forEach((block, index) => {
      const column = block[key] as Column;
      const rows = Math.min(BLOCK, count - index * BLOCK);
      all.set(column.subarray(0, rows), index * BLOCK);
      delete (block as Partial<ColumnsOf<S>>)[key];
    });
    return all;
  }

  private allocate(): ColumnsOf<S> {
    const columns: Record<string, Column> = {};
    for (const [key, ColumnClass] of Object.entries(this.shape)) {
      columns[key] = new ColumnClass(BLOCK);
    }
    return columns as ColumnsOf<S>;
  }
}

function reordered(column: Column, order: Uint32Array): Column {
  const out = column.slice();
  for (let row = 0; row < out.length; row++) out[row] = column[order[row]!]!;
  return out;
}
