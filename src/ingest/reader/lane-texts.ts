import type { TextId, TextTable } from "../columns/text-table.ts";

/** Lane ids by their number: there are few, and one follows itself. */
export class LaneTexts {
  private readonly texts: TextTable;
  private readonly ids = new Map<number, TextId>();
  private last = Number.NaN;
  private lastId = 0;

  constructor(texts: TextTable) {
    this.texts = texts;
  }

  idOf(number: number): TextId {
    if (number === this.last) return this.lastId;
    let id = this.ids.get(number);
    if (id === undefined) {
      id = this.texts.idOf(String(number));
      this.ids.set(number, id);
    }
    this.last = number;
    this.lastId = id;
    return id;
  }
}
