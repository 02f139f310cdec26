interface Table {
  readonly count: number;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;
type ColumnClass = new (length: number) => Column;

/**
 * A table with some of its rows.
 *
 * @param rows numbers of the rows to keep, in the order they shall have.
 */
export function pickRows<T extends Table>(table: T, rows: ArrayLike<number>): T {
  const picked = Object.entries(table).map(([key, column]) => [
    key,
    typeof column === "number" ? rows.length : pickColumn(column as Column, rows),
  ]);
  return Object.fromEntries(picked) as T;
}

function pickColumn(column: Column, rows: ArrayLike<number>): Column {
  const picked = new (column.constructor as ColumnClass)(rows.length);
  for (let at = 0; at < rows.length; at++) picked[at] = column[rows[at]!]!;
  return picked;
}
