import { type Cell, type Line, type Span, span } from "../table.ts";
import { displayWidth, fitting } from "./width.ts";
import { lineWidth } from "./wrap.ts";

/** An identifier cut shorter than this tells nothing. */
const LEAST_NAME = 14;
/** "at::native::" in front of a name, before its template arguments. */
const NAMESPACES = /^(?:[^<>,]*::)?(?=[^:<>,]+)/;
/** How many lines there are besides. */
const COUNT = /^ \+\d+$/;
/** A place in the code: its file's name tells more than the folders before it. */
const PATH = /^[^\s<>()]*\/[^\s<>()]+/;

/**
 * The line in `width` columns: asides at its end go first, then the middle of its longest
 * identifier (of a path the folders in front), then its end.
 */
export function cutLine(line: Line, width: number): Line {
  const last = line.at(-1);
  if (last !== undefined && line.length > 1 && COUNT.test(last.text))
    return [...cutLine(line.slice(0, -1), width - displayWidth(last.text)), last];
  let kept = line;
  while (kept.length > 1 && lineWidth(kept) > width && isAside(kept.at(-1)!))
    kept = kept.slice(0, -1);
  const over = lineWidth(kept) - width;
  if (over <= 0) return kept;
  const longest = kept.reduce(
    (best, one, at) =>
      one.tone === "code" && one.text.length > (kept[best]?.text.length ?? 0) ? at : best,
    -1,
  );
  const name = kept[longest];
  if (name !== undefined && displayWidth(name.text) - over >= Math.min(LEAST_NAME, width)) {
    const short = { ...name, text: shortened(name.text, displayWidth(name.text) - over) };
    return kept.map((one, at) => (at === longest ? short : one));
  }
  return ended(kept, width);
}

/** The lines of a cell, one behind the other. */
export function inOneLine(cell: Cell): Line {
  return cell.flatMap((line, at) => (at === 0 ? line : [span(" · ", "dim"), ...line]));
}

function isAside({ tone, text }: Span): boolean {
  return tone === "dim" && !COUNT.test(text);
}

function shortened(text: string, width: number): string {
  if (PATH.test(text)) {
    const tail = reversed(fitting(reversed(text), width - 1));
    const folder = tail.indexOf("/");
    return folder > 0 && folder < tail.length / 2 ? `…${tail.slice(folder)}` : `…${tail}`;
  }
  // Namespaces tell less than what they hold.
  const bare = text.replace(NAMESPACES, "");
  if (displayWidth(bare) <= width) return bare;
  const back = Math.floor((width - 1) / 2);
  return `${fitting(bare, width - 1 - back)}…${reversed(fitting(reversed(bare), back))}`;
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}

function ended(line: Line, width: number): Line {
  const spans: Span[] = [];
  let room = width - 1;
  for (const one of line) {
    const size = displayWidth(one.text);
    if (size > room) {
      const part = fitting(one.text, room);
      // A wide letter may need more room than there is.
      const kept = displayWidth(part) > room ? "" : part.trimEnd();
      return [...spans, { ...one, text: `${kept}…` }];
    }
    spans.push(one);
    room -= size;
  }
  return spans.length === 0 ? [span("")] : spans;
}
