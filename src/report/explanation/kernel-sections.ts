import { STAGE_TITLE } from "../../model/framework.ts";
import type {
  Distribution,
  ExplainedSite,
  KernelExplanation,
  Neighbour,
} from "../../model/row-explanation.ts";
import { percent } from "../../model/units.ts";
import { count, counted, share, timeInWords } from "../numbers.ts";
import { cell, type Line, NOTHING, span, type Table } from "../table.ts";
import { type Section, sectionTable } from "./page.ts";

/** Columns of the longest bar of a histogram. */
const BAR = 40;
/** Sites whose stacks are written out; JSON has all of them. */
const MOST_STACKS = 5;

/** Everything about one kernel in one stage, for people. */
export function kernelSections(kernel: KernelExplanation): readonly Section[] {
  const { sites } = kernel;
  return [
    head(kernel),
    {
      level: 2,
      title: `Durations: ${counted(kernel.launches, "launch")}`.replace(/launchs$/, "launches"),
      lines: durationLines(kernel.durations),
      table: histogram(kernel.durations),
    },
    { level: 2, title: "Where and when it runs", lines: placeLines(kernel), table: null },
    { level: 2, title: "Sites", lines: [], table: siteTable(kernel) },
    ...sites.slice(0, MOST_STACKS).flatMap((site, at) => stackSection(site, at)),
    neighbours("Before it on the stream", kernel.before, kernel.launches),
    neighbours("After it on the stream", kernel.after, kernel.launches),
    besideSection(kernel),
    findingSection(kernel),
  ];
}

function head(kernel: KernelExplanation): Section {
  const lines: Line[] = [
    [span("name    ", "dim"), span(kernel.name, "code")],
    ...kernel.rawNames
      .filter((raw) => raw !== kernel.name)
      .map((raw): Line => [span("raw     ", "dim"), span(raw, "code")]),
    [
      span("time    ", "dim"),
      span(`${timeInWords(kernel.totalUs)}, ${share(kernel.sharePct)} of the stage`, "strong"),
    ],
    ...kernel.named.map(
      ({ what, answer, class: decided, because, launches }): Line => [
        span(`${what} `.padEnd(8), "dim"),
        span(answer, "strong"),
        ...(decided === null ? [] : [span(`, by class ${decided}`)]),
        ...(because === null ? [] : [span(": ", "dim"), span(because, "code")]),
        span(launches === kernel.launches ? "" : ` (${count(launches)} launches)`, "dim"),
      ],
    ),
  ];
  const title = `${kernel.shortName}: ${STAGE_TITLE[kernel.stage]}, ${kernel.path}`;
  return { level: 1, title, lines, table: null };
}

function durationLines(spread: Distribution): readonly Line[] {
  const { minUs, p10Us, medianUs, p90Us, p99Us, maxUs } = spread;
  const named = { min: minUs, p10: p10Us, median: medianUs, p90: p90Us, p99: p99Us, max: maxUs };
  const words = Object.entries(named).map(([name, us]) => `${name} ${timeInWords(us)}`);
  return [[span(words.join(", "))]];
}

function histogram({ histogram: bins }: Distribution): Table | null {
  if (bins.length < 2) return null;
  const most = Math.max(...bins.map(({ launches }) => launches));
  return sectionTable(
    [
      ["From", "right"],
      ["To", "right"],
      ["Launches", "right"],
      ["", "left"],
    ],
    bins.map(({ fromUs, toUs, launches }) => [
      cell(span(timeInWords(fromUs))),
      cell(span(timeInWords(toUs))),
      cell(span(count(launches))),
      cell(span("█".repeat(Math.ceil((BAR * launches) / most)), "dim")),
    ]),
  );
}

function placeLines(kernel: KernelExplanation): readonly Line[] {
  const { streams, launchApis, dims, layerPositions, outsideLayers } = kernel;
  const layers = layerPositions.map(
    ({ position, period, launches, layers: many }) =>
      `position ${position} of ${period} in ${counted(many, "layer")} ×${count(launches)}`,
  );
  if (outsideLayers > 0) layers.push(`outside ×${count(outsideLayers)}`);
  const facts: readonly (readonly [string, readonly string[]])[] = [
    [
      "streams",
      streams.map(
        ({ device, stream, launches, totalUs }) =>
          `GPU ${device} stream ${stream} ×${count(launches)} ${timeInWords(totalUs)}`,
      ),
    ],
    [
      "runs",
      [`first at ${timeInWords(kernel.firstStartUs)}, last at ${timeInWords(kernel.lastStartUs)}`],
    ],
    [
      "launched",
      launchApis.map(
        ({ api, launches }) => `${api ?? "launch not in the trace"} ×${count(launches)}`,
      ),
    ],
    ["grid/block", dims.map(({ dims: text, launches }) => `${text} ×${count(launches)}`)],
    ["layers", layers],
  ];
  return facts
    .filter(([, texts]) => texts.length > 0)
    .map(([label, texts]) => [span(`${label} `.padEnd(11), "dim"), span(texts.join("; "))]);
}

function siteTable({ sites, totalUs }: KernelExplanation): Table {
  return sectionTable(
    [
      ["#", "right"],
      ["Share", "right"],
      ["Launches", "right"],
      ["Python location", "left"],
      ["Module", "left"],
      ["CPU op", "left"],
      ["Found", "left"],
    ],
    sites.map((site, at) => [
      cell(span(String(at + 1))),
      cell(span(share(percent(site.totalUs, totalUs)))),
      cell(span(count(site.launches))),
      site.location === null
        ? NOTHING
        : cell(span([site.location, site.function ?? ""].join(" ").trim(), "code")),
      site.module === null ? NOTHING : cell(span(site.module, "code")),
      site.cpuOp === null ? NOTHING : cell(span(site.cpuOp, "code")),
      cell(span(site.via, "dim")),
    ]),
  );
}

/** The stack of one launch of a site. */
function stackSection(site: ExplainedSite, at: number): readonly Section[] {
  const { modulePath, topOp, cpuOp, shapes, types, stack } = site;
  const facts = [
    modulePath === null ? null : `module ${modulePath}`,
    topOp === null || topOp === cpuOp ? null : `outermost op ${topOp}`,
    shapes === null ? null : `shapes ${shapes}`,
    types === null ? null : `types ${types}`,
  ].filter((fact) => fact !== null);
  if (facts.length === 0 && stack.length === 0) return [];
  const lines = facts.map((fact): Line => [span(fact)]);
  const frames = stack.map(({ text, isShown, why }) => [
    cell(span(isShown ? "→" : "")),
    cell(span(text, isShown ? "strong" : "plain")),
    cell(span(why, isShown ? "strong" : "dim")),
  ]);
  const table = sectionTable(
    [
      ["", "left"],
      ["Frame, innermost first", "left"],
      ["Why", "left"],
    ],
    frames,
  );
  const title = `Site ${at + 1}: its first launch`;
  return [{ level: 2, title, lines, table: frames.length === 0 ? null : table }];
}

function neighbours(title: string, found: readonly Neighbour[], launches: number): Section {
  const lines = found.map(({ kernel, times, medianGapUs }): Line => {
    const gap = medianGapUs === null ? "" : `, typical gap ${signed(medianGapUs)}`;
    return [
      span(kernel ?? "nothing", kernel === null ? "dim" : "code"),
      span(` ×${count(times)} (${share(percent(times, launches))})${gap}`),
    ];
  });
  return { level: 2, title, lines, table: null };
}

function signed(us: number): string {
  return us < 0 ? `-${timeInWords(-us)} (they overlap)` : timeInWords(us);
}

function besideSection({ beside }: KernelExplanation): Section {
  const lines = beside.map(
    ({ kernel, stream, times, sharedUs }): Line => [
      span(kernel, "code"),
      span(` on stream ${stream} ×${count(times)}, ${timeInWords(sharedUs)} shared`),
    ],
  );
  const none: Line = [span("Nothing ran on another stream of its device at the same time.", "dim")];
  return {
    level: 2,
    title: "In parallel on other streams",
    lines: lines.length === 0 ? [none] : lines,
    table: null,
  };
}

function findingSection({ findings, overlap }: KernelExplanation): Section {
  const lines = findings.map(
    ({ rule, title, state, occurrences, launches }): Line => [
      span(rule, "code"),
      span(` ${state}: ${title}; ${counted(occurrences, "occurrence")}, ×${count(launches)} of it`),
    ],
  );
  if (overlap !== null)
    lines.push([
      span(overlap.verdict, "strong"),
      span(
        `${overlap.priority === null ? "" : ` (${overlap.priority})`}: ${overlap.recommendation}. ${overlap.rationale}`,
      ),
    ]);
  const none: Line = [span("No rule holds it, and the overlap table has no row for it.", "dim")];
  return {
    level: 2,
    title: "Findings with it",
    lines: lines.length === 0 ? [none] : lines,
    table: null,
  };
}
