import {
  isNews,
  isOfSome,
  type KernelDiff,
  type MetricDiff,
  type PositionDiff,
  type StageDiff,
} from "../../model/contracts/diff.ts";
import { timeInWords } from "../numbers.ts";
import { type Cell, cell, left, NOTHING, right, type Span, span, type Table } from "../table.ts";

const TONE: Readonly<Record<string, Span["tone"]>> = {
  slower: "bad",
  lost: "bad",
  faster: "good",
  gained: "good",
};

export function metricTable({ metrics }: StageDiff): Table {
  return {
    title: "Times of a step, median",
    columns: [
      left("Metric"),
      right("Before"),
      right("After"),
      right("Change"),
      right("Noise"),
      left("Verdict"),
    ],
    foldOrder: [],
    rows: metrics.map((row) => [
      cell(span(METRIC_TITLE[row.metric], "strong")),
      time(row.before.medianUs),
      time(row.after.medianUs),
      change(row.deltaUs, row.pct),
      noise(row.noiseUs),
      verdict(row.change),
    ]),
    empty: "No step has GPU work of its own.",
    cut: 0,
  };
}

/** Steps of each phase of speculative decoding. */
export function phaseTable({ phases }: StageDiff): Table {
  return {
    title: "Phases of speculative decoding, time of a step, median",
    columns: [
      left("Phase"),
      right("Steps"),
      right("Before"),
      right("After"),
      right("Change"),
      right("Noise"),
      left("Verdict"),
    ],
    foldOrder: [],
    rows: phases.map((row) => [
      cell(span(row.phase, "strong")),
      cell(span(`${row.steps.before} → ${row.steps.after}`)),
      time(row.before.medianUs),
      time(row.after.medianUs),
      change(row.deltaUs, row.pct),
      noise(row.noiseUs),
      verdict(row.change),
    ]),
    empty: "",
    cut: 0,
  };
}

const METRIC_TITLE: Readonly<Record<MetricDiff["metric"], string>> = {
  stepTime: "step time",
  gpuTime: "GPU time",
  busy: "busy",
  idle: "idle",
  exposedComm: "exposed communication",
};

export function kernelTable({ kernels }: StageDiff): Table {
  return {
    title: "Kernels that changed",
    columns: [
      left("Kernel", { min: 24 }),
      left("Change"),
      right("Before"),
      right("After"),
      right("One launch"),
      right("Noise"),
      right("A step"),
      right("Of limit"),
      left("Explained by", { fold: "explained by" }),
    ],
    foldOrder: [8],
    rows: kernels
      .filter(isNews)
      .map((row) => [
        names(row.before?.shortName, row.after?.shortName),
        verdict(row.change),
        launches(row.before),
        launches(row.after),
        row.medianDeltaUs === null ? NOTHING : change(row.medianDeltaUs, row.medianPct),
        noise(row.noiseUs),
        change(row.perStepDeltaUs, null),
        efficiency(row),
        row.explainedBy === null ? NOTHING : cell(span(row.explainedBy, "code")),
      ]),
    empty: "None.",
    cut: 0,
  };
}

/** Positions whose change no kernel's row tells. */
export function positionTable({ kernels, positions }: StageDiff): Table {
  const told = new Set(
    kernels
      .filter((row) => isNews(row) && !isOfSome(row))
      .flatMap((row) => [`${row.change}\n${row.before?.name ?? row.after!.name}`]),
  );
  const rows = positions.filter(
    (row) => isNews(row) && !told.has(`${row.change}\n${row.before?.kernel ?? row.after!.kernel}`),
  );
  return {
    title: "Layer positions that changed besides",
    columns: [
      right("Position"),
      left("Kernel", { min: 24 }),
      left("Role"),
      left("Change"),
      right("Before"),
      right("After"),
      right("One launch"),
      left("Explained by", { fold: "explained by" }),
    ],
    foldOrder: [7, 2],
    rows: rows.map((row) => [
      cell(span(`${row.before?.position ?? "–"} → ${row.after?.position ?? "–"}`)),
      names(row.before?.shortName, row.after?.shortName),
      role(row),
      verdict(row.change),
      row.before === null ? NOTHING : time(row.before.medianUs),
      row.after === null ? NOTHING : time(row.after.medianUs),
      row.medianDeltaUs === null ? NOTHING : change(row.medianDeltaUs, row.medianPct),
      row.explainedBy === null ? NOTHING : cell(span(row.explainedBy, "code")),
    ]),
    empty: "None.",
    cut: 0,
  };
}

export function ruleTable({ rules }: StageDiff): Table {
  return {
    title: "Rules whose state changed",
    columns: [
      left("Rule", { min: 24 }),
      left("Change"),
      left("Before"),
      left("After"),
      right("Share"),
      left("What to do", { fold: "what to do" }),
      left("Source", { fold: "source" }),
    ],
    foldOrder: [6, 5],
    rows: rules.map((row) => [
      [[span(row.rule, "code")], [span(`${row.title} (${row.status})`, "dim")]],
      verdict(row.change),
      cell(span(row.before ?? "not seen")),
      cell(span(row.after ?? "not seen")),
      cell(span(`${row.sharePct.toFixed(1)}%`)),
      row.advice === null ? NOTHING : cell(span(row.advice)),
      row.sources.length === 0
        ? NOTHING
        : row.sources.map((url) => [span(url, "plain", url.startsWith("https://") ? url : null)]),
    ]),
    empty: "None.",
    cut: 0,
  };
}

function names(before: string | undefined, after: string | undefined): Cell {
  const old = before ?? after ?? "";
  if (before === undefined || after === undefined || before === after)
    return cell(span(old, "code"));
  return [[span(before, "code")], [span("→ "), span(after, "code")]];
}

function role({ before, after }: PositionDiff): Cell {
  const side = before ?? after!;
  return cell(span(side.role ?? side.category));
}

function launches(side: KernelDiff["before"]): Cell {
  if (side === null) return NOTHING;
  const often = Number(side.launchesPerStep.toFixed(1));
  return cell(span(`${often} × ${timeInWords(side.medianUs)}`));
}

function time(us: number): Cell {
  return cell(span(timeInWords(us)));
}

function noise(us: number | null): Cell {
  return us === null ? NOTHING : cell(span(`±${timeInWords(us)}`, "dim"));
}

function change(us: number, pct: number | null): Cell {
  const sign = us < 0 ? "−" : "+";
  const share = pct === null ? "" : ` (${sign}${Math.abs(pct).toFixed(1)}%)`;
  return cell(span(us === 0 ? "0" : `${sign}${timeInWords(Math.abs(us))}${share}`));
}

/** "48% → 57% memory" */
function efficiency({ before, after }: KernelDiff): Cell {
  const sides = [before, after].filter((side) => side !== null);
  const known = sides.filter(({ pctOfLimit }) => pctOfLimit !== null);
  if (known.length === 0) return NOTHING;
  const pct = sides.map(({ pctOfLimit }) =>
    pctOfLimit === null ? "–" : `${pctOfLimit.toFixed(pctOfLimit < 10 ? 1 : 0)}%`,
  );
  return cell(span(`${pct.join(" → ")} ${known.at(-1)!.boundBy}`));
}

function verdict(what: string): Cell {
  return cell(span(what.replace("-", " "), TONE[what] ?? "plain"));
}
