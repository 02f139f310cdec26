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

  /**
   * All columns as contiguous arrays; the table is empty afterwards.
   *
   * @param orderOf given the columns in order of appending: new row → old row, null to keep them.
   */
  finish(orderOf: (columns: Finished<S>) => Uint32Array | null): Finished<S> {
    const count = this.count;
    const columns: Record<string, Column> = {};
    for (const key of Object.keys(this.shape)) columns[key] = this.joined(key, count);
    const order = orderOf({ ...columns, count } as unknown as Finished<S>);
    if (order !== null) {
      for (const key of Object.keys(columns)) columns[key] = reordered(columns[key]!, order);
    }
    return { count, ...columns } as unknown as Finished<S>;
  }

  private joined(key: keyof S & string, count: number): Column {
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
    for (const [key, ColumnClass] of Object.entries(this.shape))
      columns[key] = new ColumnClass(BLOCK);
    return columns as ColumnsOf<S>;
  }
}

function reordered(column: Column, order: Uint32Array): Column {
  const out = column.slice();
  for (let row = 0; row < out.length; row++) out[row] = column[order[row]!]!;
  return out;
}
