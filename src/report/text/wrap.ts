import type { Line, Span, Tone } from "../table.ts";
import { displayWidth, fitting } from "./width.ts";

/** A run of characters between blanks. */
interface Word {
  readonly text: string;
  readonly tone: Tone;
  /** False where two spans meet without a blank. */
  readonly blankBefore: boolean;
}

/**
 * Breaks a line into lines of at most `width` columns: at blanks, and within words longer than a
 * line after the separators of paths, names and templates. Blanks in front indent every line.
 */
export function wrapLine(line: Line, width: number): readonly Line[] {
  if (lineWidth(line) <= width) return [line];
  const indent = /^ */.exec(line[0]?.text ?? "")![0].slice(0, Math.floor(width / 2));
  const lines: Builder[] = [new Builder(indent)];
  for (const word of words(line)) {
    const current = lines[lines.length - 1]!;
    const blank = word.blankBefore && !current.isEmpty ? " " : "";
    if (current.used + blank.length + displayWidth(word.text) <= width)
      current.put(blank + word.text, word.tone);
    else placeLongWord(word, blank, lines, indent, width);
  }
  return lines.map((builder) => builder.spans);
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + displayWidth(text), 0);
}

class Builder {
  readonly spans: Span[] = [];
  used: number;
  isEmpty = true;

  constructor(indent: string) {
    this.used = indent.length;
    if (indent !== "") this.spans.push({ text: indent, tone: "plain", href: null });
  }

  put(text: string, tone: Tone): void {
    this.spans.push({ text, tone, href: null });
    this.used += displayWidth(text);
    this.isEmpty = false;
  }
}

/** A word that does not fit behind what is there: on its own line when it fits one, else in pieces. */
function placeLongWord(
  word: Word,
  blank: string,
  lines: Builder[],
  indent: string,
  width: number,
): void {
  const next = (): Builder => {
    const builder = new Builder(indent);
    lines.push(builder);
    return builder;
  };
  let current = lines[lines.length - 1]!;
  let rest = word.text;
  const alone = width - indent.length;
  if (!current.isEmpty) {
    // Start it here only where that saves a line: there is room, and one line will not do.
    const room = width - current.used - blank.length;
    const head = displayWidth(rest) > alone && room > width / 3 ? headOf(rest, room) : "";
    if (head !== "") current.put(blank + head, word.tone);
    rest = rest.slice(head.length);
    current = next();
  }
  while (displayWidth(rest) > alone) {
    const head = headOf(rest, alone);
    current.put(head, word.tone);
    rest = rest.slice(head.length);
    current = next();
  }
  if (rest !== "") current.put(rest, word.tone);
}

/** The part of a word that goes on this line: up to a good separator, else up to any, else what fits. */
function headOf(word: string, room: number): string {
  const fits = fitting(word, room);
  const good = /^.*(?:[/,<(]|::)/.exec(fits)?.[0] ?? "";
  if (good.length * 2 > fits.length) return good;
  const any = /^.*[._:|=#)>-]/.exec(fits)?.[0] ?? "";
  return any.length * 2 > fits.length ? any : fits;
}

function words(line: Line): Word[] {
  const found: Word[] = [];
  let blankBefore = false;
  for (const { text, tone } of line)
    for (const part of text.split(/( +)/)) {
      if (part === "") continue;
      if (part.startsWith(" ")) blankBefore = true;
      else {
        found.push({ text: part, tone, blankBefore });
        blankBefore = false;
      }
    }
  return found;
}
