import { groupBy } from "../../base/group-by.ts";
import { type Cell, clip, type Line, type Table } from "../table.ts";
import { cutLine } from "../text/cut.ts";
import type { Block, Card, Fact } from "./block.ts";
import { inert } from "./inert.ts";

/** What a token is counted as: kernels' names make more of them than prose, which has four. */
export const BYTES_PER_TOKEN = 3;

/** What a page takes when nobody says: enough for what to do, where the time goes and the tops of the tables. */
export const DEFAULT_MAX_BYTES = 1500 * BYTES_PER_TOKEN;

/** Below this there is no room for an answer and what it leaves out. */
export const LEAST_MAX_BYTES = 200 * BYTES_PER_TOKEN;

/** Part of a page whose rows may be left out from the end. */
interface Group {
  /** Lines above the rows; said only with one of them. */
  readonly heading: readonly string[];
  readonly rows: readonly string[];
  /** "action", "row of Kernels": of what some are left out. */
  readonly noun: string;
  /** How soon its next row comes: of a group of weight 3 three rows come before one of weight 1. */
  readonly weight: number;
}

/** Before anything else: what it is about. */
const ALWAYS = 1000;
const WEIGHT = {
  head: 6,
  summary: 2,
  cards: 3,
  bar: 3,
  list: 1,
  table: 2,
  paragraph: 1,
  finePrint: 0.05,
} as const;

const LONGEST_CELL = 90;
const LONGEST_LINE = 240;
/** What to do, and what shows it, is of no use in part. */
const WHOLE: ReadonlySet<string> = new Set(["do", "source", "sources", "proof"]);
const LONGEST_WHOLE = 1200;
/** What a page is about is mostly known to who asks for it. */
const LONGEST_HEAD = 150;

/**
 * A page cut to a size: for who reads many of them, or pays by the word. What comes first on the
 * page and stands at the top of its tables stays; the last line says what was left out, always.
 *
 * @param maxBytes of the text as UTF-8, its last line end included; at least {@link LEAST_MAX_BYTES}
 */
export function documentBrief(blocks: readonly Block[], maxBytes: number): string {
  const groups = blocks.flatMap((block) => groupsOf(block, ""));
  const room = maxBytes - Math.min(maxBytes / 4, ROOM_FOR_LEFT_OUT);
  const shown = fill(groups, room);
  const lines = groups.flatMap(({ heading, rows }, at) =>
    shown[at] === 0 ? [] : [...heading, ...rows.slice(0, shown[at])],
  );
  return `${[...lines, leftOut(groups, shown, maxBytes - room)].join("\n")}\n`;
}

const ROOM_FOR_LEFT_OUT = 360;

/** How many rows of each group there is room for. */
function fill(groups: readonly Group[], room: number): number[] {
  const shown = groups.map(() => 0);
  const closed = new Set<number>();
  const order = groups
    .flatMap(({ rows, weight }, group) =>
      rows.map((_, row) => ({ group, due: (row + 1) / weight })),
    )
    .sort((a, b) => a.due - b.due || a.group - b.group);
  let left = room;
  for (const { group } of order) {
    if (closed.has(group)) continue;
    const { heading, rows } = groups[group]!;
    const at = shown[group]!;
    const lines = [...(at === 0 ? heading : []), rows[at]!];
    const size = lines.reduce((sum, line) => sum + sizeOf(line), 0);
    if (size > left) closed.add(group);
    else {
      left -= size;
      shown[group] = at + 1;
    }
  }
  return shown;
}

/** With its line end. */
const sizeOf = (line: string): number => Buffer.byteLength(line) + 1;

/** Never longer than its room: where the parts do not fit one by one, they are counted. */
function leftOut(groups: readonly Group[], shown: readonly number[], room: number): string {
  const all = groups.map(({ rows, noun }, at) => ({
    noun,
    of: rows.length,
    cut: rows.length - shown[at]!,
  }));
  // Parts of one name are told together.
  const parts = [...groupBy(all, ({ noun }) => noun)].flatMap(([noun, same]) => {
    const sum = (pick: (part: (typeof all)[number]) => number): number =>
      same.reduce((total, part) => total + pick(part), 0);
    const cut = sum((part) => part.cut);
    return cut === 0 ? [] : [{ noun, cut, of: sum(({ of }) => of) }];
  });
  if (parts.length === 0) return "Left out: nothing.";
  const text = `Left out: ${parts.map(({ noun, cut, of }) => `${cut} of ${of} ${noun}`).join("; ")}. More with a larger --max-tokens.`;
  if (sizeOf(text) <= room) return text;
  const cut = parts.reduce((sum, part) => sum + part.cut, 0);
  return `Left out: ${cut} entries of ${parts.length} parts. More with a larger --max-tokens.`;
}

function groupsOf(block: Block, under: string): readonly Group[] {
  const within = under === "" ? "" : `${under}: `;
  switch (block.kind) {
    case "title":
      return [{ heading: [], rows: [inert(block.text)], noun: "titles", weight: ALWAYS }];
    case "summary":
      return [{ heading: [], rows: [block.text], noun: "summaries", weight: WEIGHT.summary }];
    case "paragraph": {
      const weight = block.isFinePrint === true ? WEIGHT.finePrint : WEIGHT.paragraph;
      return [{ heading: [], rows: [lineText(block.line)], noun: `${within}notes`, weight }];
    }
    case "list":
      return [
        {
          heading: [],
          rows: block.lines.map(lineText),
          noun: `${within}lines`,
          weight: under === "" ? WEIGHT.head : WEIGHT.list,
        },
      ];
    case "facts":
      return [
        {
          heading: [],
          rows: block.facts.map((fact) =>
            factText(fact, under === "" ? LONGEST_HEAD : LONGEST_LINE),
          ),
          noun: `${within}facts`,
          weight: under === "" ? WEIGHT.head : WEIGHT.table,
        },
      ];
    case "cards":
      return [
        {
          heading: [`# ${inert(block.title)}`],
          rows: block.cards.length === 0 ? [block.empty] : block.cards.map(cardText),
          noun: `${within}${block.title.toLowerCase()}`,
          weight: WEIGHT.cards,
        },
      ];
    case "table":
      return [tableGroup(block.table, within, WEIGHT.table)];
    case "bar":
      return [tableGroup(block.table, within, WEIGHT.bar)];
    case "heat":
      return block.table === null ? [] : [tableGroup(block.table, within, WEIGHT.bar)];
    case "section": {
      const heading = lineText(block.heading);
      const inner = block.blocks.flatMap((one) => groupsOf(one, shortened(heading)));
      const at = inner.findIndex(({ rows }) => rows.length > 0);
      return inner.map((group, index) =>
        index === at ? { ...group, heading: [`## ${heading}`, ...group.heading] } : group,
      );
    }
  }
}

/** "decode" of "decode (3 steps, by its file)". */
const shortened = (heading: string): string => heading.replace(/ \(.*$/, "");

function tableGroup(table: Table, within: string, weight: number): Group {
  const { title, columns, rows, empty, cut } = table;
  const name = title === "" ? "rows" : `rows of ${title}`;
  if (rows.length === 0)
    return {
      heading: [],
      rows: empty === "" ? [] : [`${title === "" ? "" : `${title}: `}${empty}`],
      noun: `${within}${name}`,
      weight,
    };
  // Of the columns that give way where there is no room, the last to go tells the most.
  const folded = new Set(table.foldOrder.slice(0, -1));
  const used = columns.map(
    (_, at) => !folded.has(at) && rows.some((row) => cellText(row[at]!) !== "–"),
  );
  const kept = <T>(all: readonly T[]): T[] => all.filter((_, at) => used[at]);
  const names = kept(columns).map((column) => plain(column.title));
  return {
    heading: [`${title === "" ? "" : `${title}: `}${names.join(" | ")}`],
    rows: rows.map((row) => clip(kept(row.map(cellText)).join(" | "), LONGEST_LINE)),
    noun: `${within}${title === "" ? name : title}${cut === 0 ? "" : ` (besides ${cut} beyond the table's limit)`}`,
    weight,
  };
}

function cardText({ heading, figure, facts, more }: Card, at: number): string {
  const said = [...facts, ...more.filter(({ label }) => label === "At" || label === "Id")];
  const head = `${at + 1}. ${lineText(heading)} — ${lineText(figure)}`;
  return [
    head,
    ...said.map(
      (fact) => `   ${factText(fact, fact.label === "Do" ? LONGEST_LINE : LONGEST_HEAD)}`,
    ),
  ].join("\n");
}

const factText = ({ label, cell }: Fact, most = LONGEST_LINE): string =>
  `${label}: ${clip(cell.map(lineText).join(" · "), WHOLE.has(label) ? LONGEST_WHOLE : most)}`;

/** Its first line, and how many there are besides. */
function cellText(cell: Cell): string {
  const [first = [], ...others] = cell;
  const more = others.length === 0 ? "" : ` +${others.length}`;
  return `${lineText(cutLine(first, LONGEST_CELL))}${more}`;
}

const lineText = (line: Line): string => plain(line.map(({ text }) => text).join(""));

/** Blanks that hold words together would cost more than they help here. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ").trim();
