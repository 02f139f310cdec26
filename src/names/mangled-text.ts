/** Raised where a text leaves the part of the grammar that is covered. */
export class NotCovered extends Error {}

/** A mangled name and the place it has been read to. */
export class MangledText {
  protected readonly text: string;
  protected at = 0;

  constructor(text: string) {
    this.text = text;
  }

  protected peek(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  protected take(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += text.length;
    return true;
  }

  protected expect(text: string): void {
    if (!this.take(text)) throw new NotCovered();
  }

  protected base36(): number {
    const found = /^[0-9A-Z]+/.exec(this.text.slice(this.at, this.at + 8));
    if (found === null) throw new NotCovered();
    this.at += found[0].length;
    return Number.parseInt(found[0], 36);
  }

  protected number(): number {
    const found = /^\d+/.exec(this.text.slice(this.at, this.at + 12));
    if (found === null) throw new NotCovered();
    this.at += found[0].length;
    return Number(found[0]);
  }
}
