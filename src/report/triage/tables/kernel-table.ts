import { compareText } from "../../../base/compare-text.ts";
import { groupBy } from "../../../base/group-by.ts";
import type { KernelRow, KernelSite, StageReport } from "../../../model/contracts/report.ts";
import { placeText } from "../../../model/trace/kernel-graph.ts";
import { percent } from "../../../model/trace/units.ts";
import { count, GLUE, share, type TimeFormat, timeFormatFor } from "../../numbers.ts";
import type { RowOrder } from "../../renderer.ts";
import {
  ALL_ROWS,
  type Cell,
  cell,
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

export function kernelTable(
  stage: StageReport,
  limit: number | null,
  order: RowOrder = "time",
): Table {
  const { shown, cut } = withinLimit(inOrder(stage.kernels, order), limit);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
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
    rows: shown.map((row) => kernelCells(row, time)),
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

function kernelCells(row: KernelRow, time: TimeFormat): readonly Cell[] {
  return [
    cell(span(row.shortName, "code")),
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
    span(
      sites.length === row.sites.length && first.via === "none"
        ? ""
        : ` (${[part(sites), ...methods].join(", ")})`,
      "dim",
    ),
    ...(modules.length === 0 ? [] : [span(` in ${moduleWords(modules, part)}`, "dim")]),
  ];
}

function placeSpan({ via, location, function: fn }: KernelSite): Span {
  // The head says once how much is not located.
  if (via === "none") return span("–", "dim");
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
