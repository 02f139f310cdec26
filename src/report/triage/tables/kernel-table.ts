import { compareText } from "../../../base/compare-text.ts";
import { groupBy } from "../../../base/group-by.ts";
import type { KernelRow, KernelSite, StageReport } from "../../../model/contracts/report.ts";
import { placeText } from "../../../model/kernel-graph.ts";
import { percent } from "../../../model/units.ts";
import { count, GLUE, share, type TimeFormat, timeFormatFor } from "../../numbers.ts";
import type { RowOrder } from "../../renderer.ts";
import {
  ALL_ROWS,
  type Cell,
  cell,
  clip,
  firstLines,
  type Line,
  left,
  NOTHING,
  right,
  type Span,
  span,
  type Table,
  withinLimit,
} from "../../table.ts";
import { limitSpan } from "./limit-words.ts";

/** Rows in a terminal where no limit is given. */
const MOST_IN_TERMINAL = 10;
/** Shown per kernel; JSON has all. */
const MOST_PLACES = 3;
const MOST_MODULES = 4;
const MOST_OPS = 2;
const LONGEST_PART = 60;

export function kernelTable(
  stage: StageReport,
  limit: number | null,
  order: RowOrder = "time",
): Table {
  const { shown, cut } = withinLimit(inOrder(stage.kernels, order), limit);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
  const nameOf = distinctNames(stage.kernels);
  return {
    title: "Kernels",
    columns: [
      left("Kernel", { min: 30 }),
      left("Category"),
      right("GPU time"),
      right("Share"),
      right("Launches"),
      right(`Of${GLUE}limit`),
      left("Python location (site share)", { min: 30, fold: "at" }),
      left(`CPU${GLUE}op`, { min: 22, fold: "op" }),
    ],
    foldOrder: [7, 6],
    rows: shown.map((row) => kernelCells(row, nameOf(row), time)),
    empty: "No kernel reaches the minimum share.",
    cut,
    brief: { ...ALL_ROWS, most: limit ?? MOST_IN_TERMINAL, optional: new Set([7]) },
  };
}

/** Rows without a figure come last where headroom decides. */
function inOrder(rows: readonly KernelRow[], order: RowOrder): readonly KernelRow[] {
  if (order === "time") return rows;
  return rows.toSorted((a, b) => (b.limit?.headroomUs ?? -1) - (a.limit?.headroomUs ?? -1));
}

/** The short name, with what tells it apart where two kernels of the stage would read alike. */
function distinctNames(rows: readonly KernelRow[]): (row: KernelRow) => Line {
  const alike = new Map<string, string[]>();
  for (const { shortName, name } of rows)
    alike.set(shortName, (alike.get(shortName) ?? []).concat(name));
  return ({ shortName, name }) => {
    const names = alike.get(shortName)!;
    if (names.length === 1) return [span(shortName, "code")];
    const own = clip(ownPart(name, names), LONGEST_PART);
    return [span(shortName, "code"), span(own === "" ? "" : ` [${own}]`, "dim")];
  };
}

/** What lies between the common start and the common end of all names, in whole words. */
function ownPart(name: string, names: readonly string[]): string {
  const words = (text: string): string[] => text.split(/(?<=[_,<>() ])/);
  const mine = words(name);
  const others = names.map(words);
  const shortest = Math.min(...others.map(({ length }) => length));
  let start = 0;
  while (start < shortest && others.every((other) => other[start] === mine[start])) start++;
  let end = 0;
  while (
    end < shortest - start &&
    others.every((other) => other.at(-1 - end) === mine.at(-1 - end))
  )
    end++;
  return mine
    .slice(start, mine.length - end)
    .join("")
    .replace(/[_, ]+$/, "");
}

function kernelCells(row: KernelRow, name: Line, time: TimeFormat): readonly Cell[] {
  return [
    [name],
    cell(span(row.category)),
    cell(span(time(row.totalUs))),
    cell(span(share(row.sharePct), row.sharePct >= 10 ? "strong" : "plain")),
    cell(span(count(row.launches))),
    row.limit === null ? NOTHING : cell(limitSpan(row.limit)),
    firstLines(
      groups(row.sites, placeKey).map(([, sites]) => placeLine(sites, row)),
      MOST_PLACES,
    ),
    opCell(row),
  ];
}

function placeKey({ via, location, function: fn }: KernelSite): string {
  return via === "none" ? "" : JSON.stringify([location, fn]);
}

/** One line per place: its share, then the modules that reach it with theirs. */
function placeLine(sites: readonly KernelSite[], row: KernelRow): Line {
  const first = sites[0]!;
  const part = (one: readonly KernelSite[]): string => share(percent(sum(one), row.totalUs));
  const methods = groups(
    sites.filter(({ via }) => via !== "direct" && via !== "none"),
    ({ via }) => via,
  ).map(([via, found]) => (found.length === sites.length ? via : `${via} ${part(found)}`));
  const modules = groups(
    sites.filter(({ module }) => module !== null),
    ({ module }) => moduleTail(module!),
  );
  return [
    placeSpan(first),
    span(` (${[part(sites), ...methods].join(", ")})`, "dim"),
    ...(modules.length === 0 ? [] : [span(` in ${moduleWords(modules, part)}`, "dim")]),
  ];
}

function placeSpan({ via, location, function: fn }: KernelSite): Span {
  if (via === "none") return span("not located", "dim");
  const place = placeText({ location, fn });
  return place === null ? span("no Python frame", "dim") : span(place, "code");
}

/** Shares only where there are several modules to tell apart. */
function moduleWords(
  modules: readonly (readonly [string, readonly KernelSite[]])[],
  part: (sites: readonly KernelSite[]) => string,
): string {
  if (modules.length === 1) return modules[0]![0];
  const more = modules.length > MOST_MODULES ? [`+${modules.length - MOST_MODULES} more`] : [];
  return [
    ...modules.slice(0, MOST_MODULES).map(([module, sites]) => `${module} ${part(sites)}`),
    ...more,
  ].join(", ");
}

function sum(sites: readonly KernelSite[]): number {
  return sites.reduce((total, { totalUs }) => total + totalUs, 0);
}

/** Sites by key, most time first, equal times by key. */
function groups(
  sites: readonly KernelSite[],
  keyOf: (site: KernelSite) => string,
): (readonly [string, readonly KernelSite[]])[] {
  return [...groupBy(sites, keyOf)].sort(([a, x], [b, y]) => sum(y) - sum(x) || compareText(a, b));
}

/** The two innermost modules: enough to tell q from o and gate from down. */
function moduleTail(module: string): string {
  return module.split(".").slice(-2).join(".");
}

function opCell(row: KernelRow): Cell {
  const ops = groups(
    row.sites.filter(({ cpuOp }) => cpuOp !== null),
    ({ cpuOp }) => cpuOp!,
  );
  if (ops.length === 0) return NOTHING;
  return firstLines(
    ops.map(([op, sites]) => {
      const pct = percent(sum(sites), row.totalUs);
      return pct > 99.95 ? [span(op, "code")] : [span(op, "code"), span(` (${share(pct)})`, "dim")];
    }),
    MOST_OPS,
  );
}
