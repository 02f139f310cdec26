/** Index into a {@link TextTable}; 0 is "" and means "not recorded". Private to the reading of one file. */
export type TextId = number;

/**
 * Every distinct text met while reading. Ids depend on what a reader happens to look at first, so
 * they never leave ingest: the builder numbers the texts it keeps anew, in the order of its rows.
 */
export class TextTable {
  readonly texts: string[] = [""];
  private readonly ids = new Map<string, TextId>([["", 0]]);

  idOf(text: string): TextId {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.length;
    this.texts.push(text);
    this.ids.set(text, id);
    return id;
  }

  text(id: TextId): string {
    return this.texts[id]!;
  }
}
