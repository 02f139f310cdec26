import { type Line, span, type Table } from "../table.ts";
import { type Painter, painter } from "./paint.ts";
import { tableText } from "./table-text.ts";
import { wrapLine } from "./wrap.ts";

/** Below this a terminal may wrap as it likes. */
const NARROWEST = 40;
/** Blanks that nobody sees, escape codes among them. */
const BLANKS_AT_END = / (?: |\u001b\[\d+m)*$/gm;

/** What text is laid out for. */
export interface Page {
  readonly width: number;
  readonly paint: Painter;
}

export function pageOf({
  width,
  color,
}: {
  readonly width: number;
  readonly color: boolean;
}): Page {
  return { width: Math.max(NARROWEST, width), paint: painter(color) };
}

export function paragraph(line: Line, { width, paint }: Page): string[] {
  return wrapLine(line, width).map(paint);
}

/** A heading of its own line. */
export function strong(text: string, { paint }: Page): string {
  return paint([span(text, "strong")]);
}

/** A table under its title, or what is said instead of its rows. */
export function tableBlock(table: Table, page: Page): string[] {
  const body =
    table.rows.length === 0
      ? paragraph([span(table.empty, "dim")], page)
      : tableText(table, page.width, page.paint);
  return [strong(table.title, page), ...body];
}

/** The blocks that have lines, a blank line between them, and no blanks at line ends. */
export function joinBlocks(blocks: readonly (readonly string[])[]): string {
  const text = blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
  return `${text.replace(BLANKS_AT_END, (end) => end.replaceAll(" ", ""))}\n`;
}
