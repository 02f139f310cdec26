import type {
  Distribution,
  ExplainedSite,
  KernelExplanation,
  Neighbour,
} from "../../model/contracts/row-explanation.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { percent } from "../../model/trace/units.ts";
import { type Block, facts, innerTable, list, section } from "../document/block.ts";
import { count, counted, share, timeInWords } from "../numbers.ts";
import { cell, type Line, NOTHING, span } from "../table.ts";

/** Columns of the longest bar of a histogram. */
const BAR = 40;
/** Sites whose stacks are written out; JSON has all of them. */
const MOST_STACKS = 5;

/** Everything about one kernel in one stage, for people. */
export function kernelSection(kernel: KernelExplanation): readonly Block[] {
  const { sites, durations } = kernel;
  const title = `${kernel.shortName}: ${STAGE_TITLE[kernel.stage]}, ${kernel.path}`;
  const launches = kernel.launches === 1 ? "1 launch" : `${count(kernel.launches)} launches`;
  return section(
    [span(title)],
    ...head(kernel),
    ...workSections(kernel),
    ...findingSection(kernel),
    ...section(
      [span(`Durations: ${launches}`)],
      ...list(durationLine(durations)),
      ...histogram(durations),
    ),
    ...section([span("Where and when it runs")], ...place(kernel)),
    ...section([span("Sites")], siteTable(kernel)),
    ...sites.slice(0, MOST_STACKS).flatMap(stackSection),
    ...neighbours("Before it on the stream", kernel.before, kernel.launches),
    ...neighbours("After it on the stream", kernel.after, kernel.launches),
    ...besideSection(kernel),
  );
}

function head(kernel: KernelExplanation): readonly Block[] {
  return facts(
    ["name", cell(span(kernel.name, "code"))],
    ["raw", kernel.rawNames.filter((raw) => raw !== kernel.name).map((raw) => [span(raw, "code")])],
    [
      "time",
      cell(
        span(`${timeInWords(kernel.totalUs)}, ${share(kernel.sharePct)} of the stage`, "strong"),
      ),
    ],
    ...kernel.named.map(
      ({ what, answer, from, class: decided, because, launches }) =>
        [
          what,
          cell(
            span(answer, "strong"),
            ...(from === null ? [] : [span(`, by ${groundInWords(from, decided)}`)]),
            ...(because === null ? [] : [span(": ", "dim"), span(because, "code")]),
            span(launches === kernel.launches ? "" : ` (${count(launches)} launches)`, "dim"),
          ),
        ] as const,
    ),
  );
}

/** "class gemm.cublas", "words", "its place". */
function groundInWords(from: string, decided: string | null): string {
  if (from === "position") return "its place";
  if (from === "words" || from === "op") return from === "op" ? "the op" : "words of the name";
  return decided === null ? from : `class ${decided}`;
}

function durationLine(spread: Distribution): Line {
  const { minUs, p10Us, medianUs, p90Us, p99Us, maxUs } = spread;
  const named = { min: minUs, p10: p10Us, median: medianUs, p90: p90Us, p99: p99Us, max: maxUs };
  const words = Object.entries(named).map(([name, us]) => `${name} ${timeInWords(us)}`);
  return [span(words.join(", "))];
}

function histogram({ histogram: bins }: Distribution): readonly Block[] {
  if (bins.length < 2) return [];
  const most = Math.max(...bins.map(({ launches }) => launches));
  return [
    innerTable(
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
    ),
  ];
}

/** Shapes beyond these are in JSON. */
const MOST_SHAPES = 3;

/** The limit of the kernel's largest shapes, line by line. */
function workSections({ work }: KernelExplanation): readonly Block[] {
  if (work.length === 0)
    return section(
      [span("Against the limit of its machine")],
      ...list([span("The work of none of its launches is known.", "dim")]),
    );
  const cut = work.length - MOST_SHAPES;
  return [
    ...work.slice(0, MOST_SHAPES).flatMap(workSection),
    ...(cut > 0 ? list([span(`${counted(cut, "shape")} more in JSON`, "dim")]) : []),
  ];
}

function workSection({
  op,
  dims,
  calls,
  kernels,
  kernelUs,
  shapesFrom,
  assuming,
  model,
  file,
  lines,
}: KernelExplanation["work"][number]): readonly Block[] {
  const told = model === null ? "its own arguments tell" : `work model ${model} (${file})`;
  const shared = kernels > 1 ? `, shared by ${kernels} kernels of a call` : "";
  return section(
    [span(`Against the limit: ${op} ${dims} ×${count(calls)}`)],
    ...list(
      // What the arithmetic comes to, before the arithmetic.
      ...lines.slice(-1).map((line): Line => [span(line, "strong")]),
      [span(`${timeInWords(kernelUs)}${shared}; shapes from the ${shapesFrom}; ${told}`, "dim")],
      ...lines.slice(0, -1).map((line): Line => [span(line)]),
      ...assuming.map(
        (each): Line => [span(each.startsWith("assumed ") ? each : `assuming: ${each}`, "warn")],
      ),
    ),
  );
}

function place(kernel: KernelExplanation): readonly Block[] {
  const { streams, launchApis, dims, layerPositions, outsideLayers } = kernel;
  const layers = layerPositions.map(
    ({ position, period, launches, layers: many }) =>
      `position ${position} of ${period} in ${counted(many, "layer")} ×${count(launches)}`,
  );
  if (outsideLayers > 0) layers.push(`outside ×${count(outsideLayers)}`);
  const told: readonly (readonly [string, readonly string[]])[] = [
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
  return facts(
    ...told.map(
      ([label, texts]) => [label, texts.length === 0 ? [] : cell(span(texts.join("; ")))] as const,
    ),
  );
}

function siteTable({ sites, totalUs }: KernelExplanation): Block {
  return innerTable(
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
function stackSection(site: ExplainedSite, at: number): readonly Block[] {
  const { modulePath, topOp, cpuOp, shapes, types, stack } = site;
  const told = [
    modulePath === null ? null : `module ${modulePath}`,
    topOp === null || topOp === cpuOp ? null : `outermost op ${topOp}`,
    shapes === null ? null : `shapes ${shapes}`,
    types === null ? null : `types ${types}`,
  ].filter((fact) => fact !== null);
  const frames = stack.map(({ text, isShown, why }) => [
    cell(span(isShown ? "→" : "")),
    cell(span(text, isShown ? "strong" : "plain")),
    cell(span(why, isShown ? "strong" : "dim")),
  ]);
  return section(
    [span(`Site ${at + 1}: its first launch`)],
    ...list(...told.map((fact) => [span(fact)])),
    ...(frames.length === 0
      ? []
      : [
          innerTable(
            [
              ["", "left"],
              ["Frame, innermost first", "left"],
              ["Why", "left"],
            ],
            frames,
          ),
        ]),
  );
}

function neighbours(
  title: string,
  found: readonly Neighbour[],
  launches: number,
): readonly Block[] {
  const lines = found.map(({ kernel, times, medianGapUs }): Line => {
    const gap = medianGapUs === null ? "" : `, typical gap ${signed(medianGapUs)}`;
    return [
      span(kernel ?? "nothing", kernel === null ? "dim" : "code"),
      span(` ×${count(times)} (${share(percent(times, launches))})${gap}`),
    ];
  });
  return section([span(title)], ...list(...lines));
}

function signed(us: number): string {
  return us < 0 ? `-${timeInWords(-us)} (they overlap)` : timeInWords(us);
}

function besideSection({ beside }: KernelExplanation): readonly Block[] {
  const lines = beside.map(
    ({ kernel, stream, times, sharedUs }): Line => [
      span(kernel, "code"),
      span(` on stream ${stream} ×${count(times)}, ${timeInWords(sharedUs)} shared`),
    ],
  );
  const none: Line = [span("Nothing ran on another stream of its device at the same time.", "dim")];
  return section(
    [span("In parallel on other streams")],
    ...list(...(lines.length === 0 ? [none] : lines)),
  );
}

function findingSection({ actions, findings, overlap }: KernelExplanation): readonly Block[] {
  const lines = [
    ...actions.map(
      ({ id, title, savesUs }): Line => [
        span(id, "code"),
        span(`: ${title}, at most ${timeInWords(savesUs)}`),
      ],
    ),
    ...findings.map(
      ({ rule, title, state, occurrences, launches }): Line => [
        span(rule, "code"),
        span(
          ` ${state}: ${title}; ${counted(occurrences, "occurrence")}, ×${count(launches)} of it`,
        ),
      ],
    ),
  ];
  if (overlap !== null)
    lines.push([
      span(overlap.verdict, "strong"),
      span(
        `${overlap.priority === null ? "" : ` (${overlap.priority})`}: ${overlap.recommendation}. ${overlap.rationale}`,
      ),
    ]);
  const none: Line = [
    span("No action and no rule is about it, and the overlap table has no row for it.", "dim"),
  ];
  return section([span("What is said of it")], ...list(...(lines.length === 0 ? [none] : lines)));
}
