import { type EventId, NO_ID } from "../../model/trace/units.ts";
import type { TextId } from "../columns/text-table.ts";
import type { RowId } from "./event-row.ts";

/**
 * Ids as columns hold them. Those a double holds stand for themselves; wider ones, and those of
 * ranks merged into one file, which all count from one, get distinct negative numbers.
 */
export class EventIds {
  readonly #byScope = new Map<TextId, Map<RowId, EventId>>();
  #next: EventId = NO_ID - 1;

  /** @param scope rank label of a merged file, 0 elsewhere: equal ids of two scopes differ. */
  of(id: RowId, scope: TextId): EventId {
    if (id === NO_ID || (scope === 0 && id > NO_ID)) return id;
    let ids = this.#byScope.get(scope);
    if (ids === undefined) {
      ids = new Map();
      this.#byScope.set(scope, ids);
    }
    const known = ids.get(id);
    if (known !== undefined) return known;
    ids.set(id, this.#next);
    return this.#next--;
  }
}
