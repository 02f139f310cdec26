import { eastAsianWidth } from "get-east-asian-width";

const PRINTABLE_ASCII = /^[ -~]*$/;
const TAKES_NO_ROOM = /^[\p{M}\p{Cf}]$/u;

/** Terminal columns of a text without control characters: wide East Asian letters take two. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const char of text)
    if (!TAKES_NO_ROOM.test(char)) width += eastAsianWidth(char.codePointAt(0)!);
  return width;
}

/** As many leading characters of `text` as fit into `width` columns, at least one. */
export function fitting(text: string, width: number): string {
  if (PRINTABLE_ASCII.test(text)) return text.slice(0, Math.max(1, width));
  let taken = "";
  let used = 0;
  for (const char of text) {
    const room = displayWidth(char);
    if (taken !== "" && used + room > width) break;
    taken += char;
    used += room;
  }
  return taken;
}
