/** A heading of a Markdown text and the anchor GitHub gives it. */
interface Heading {
  readonly line: number;
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
}

/**
 * The headings of a GitHub Markdown text with their anchors: letters, digits, hyphens and underscores
 * stay, blanks become hyphens, all else goes; a repeated anchor gets -1, -2, … in order. Headings
 * count wherever they stand outside code fences, also inside quoted reports.
 */
export function headingsOf(markdown: string): Heading[] {
  const headings: Heading[] = [];
  const used = new Map<string, number>();
  let fence: string | null = null;
  for (const [line, text] of markdown.split("\n").entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1] ?? null;
    if (fence !== null) {
      if (mark?.startsWith(fence) && text.trim() === mark) fence = null;
      continue;
    }
    fence = mark;
    const heading = /^ {0,3}(#{1,6}) +(.*?)(?: +#+)? *$/.exec(text);
    if (heading === null) continue;
    const anchor = unused(slug(heading[2]!), used);
    headings.push({ line, level: heading[1]!.length, text: heading[2]!, anchor });
  }
  return headings;
}

/** GitHub counts per base name, and a counted name may itself be taken already. */
function unused(base: string, used: Map<string, number>): string {
  let anchor = base;
  while (used.has(anchor)) {
    const count = used.get(base)! + 1;
    used.set(base, count);
    anchor = `${base}-${count}`;
  }
  used.set(anchor, 0);
  return anchor;
}

function slug(heading: string): string {
  const rendered = heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>])/g, "$1")
    .replace(/[`*]/g, "");
  return rendered
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}
