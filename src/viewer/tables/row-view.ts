export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** Numbers from large to small first, texts from A to Z; a third click gives the report's own order. */
export function nextOrder(order: Order | null, column: string, isNumber: boolean): Order | null {
  if (order?.column !== column) return { column, descending: isNumber };
  return order.descending === isNumber ? { column, descending: !isNumber } : null;
}

/** A sorted copy; equal values keep the report's order. */
export function sortRows<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string | number,
  descending: boolean,
): readonly Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)];
    return x === y ? 0 : x < y ? -sign : sign;
  });
}

/** Every word of the filter is somewhere in the text, whatever the case. */
export function matches(text: string, filter: string): boolean {
  const seen = text.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => seen.includes(word));
}
