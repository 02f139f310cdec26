import type { EventId, Row } from "../../model/trace/units.ts";
import type { TextId } from "../columns/text-table.ts";

/** A GPU row whose category nobody wrote down. */
interface ForeignRow {
  readonly row: Row;
  readonly category: TextId;
}

/**
 * GPU work of foreign categories: it carries stream and correlation, as other makers' devices do
 * too. It is work of a GPU we read where CUDA or HIP calls launched most of its kind; the first ones
 * may have been launched before the window.
 */
export class ForeignEvents {
  readonly #rows: ForeignRow[] = [];

  get count(): number {
    return this.#rows.length;
  }

  add(row: Row, category: TextId): void {
    this.#rows.push({ row, category });
  }

  /** Those of categories that the given calls did not launch, ascending. */
  unproven(correlation: ArrayLike<EventId>, called: ReadonlySet<EventId>): ForeignRow[] {
    const byCategory = new Map<TextId, { all: number; launched: number }>();
    for (const { row, category } of this.#rows) {
      const counts = byCategory.get(category) ?? { all: 0, launched: 0 };
      counts.all++;
      if (called.has(correlation[row]!)) counts.launched++;
      byCategory.set(category, counts);
    }
    return this.#rows.filter(({ category }) => {
      const { all, launched } = byCategory.get(category)!;
      return 2 * launched < all;
    });
  }
}
