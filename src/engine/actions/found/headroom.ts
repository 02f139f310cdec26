import { compareText } from "../../../base/compare-text.ts";
import { REACHED_PCT } from "../../../model/contracts/action.ts";
import { kernelNameAt } from "../../../model/trace/trace.ts";
import { type Nanoseconds, percent, type Row } from "../../../model/trace/units.ts";
import type { LimitedUnit } from "../../limits/index.ts";
import type { StageCalls } from "../calls.ts";
import { type Candidate, type StageEvidence, timeWords } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** A kernel shorter than this is mostly launch and latency: no tuning brings it to a floor of nanoseconds. */
const TUNABLE: Nanoseconds = 10_000;

const BOUND = {
  compute: "the matrix and vector units",
  memory: "memory bandwidth",
  link: "the link",
} as const satisfies Record<LimitedUnit["boundBy"], string>;

/** Kernels of a kind are tuned together: one library, one backend, one search for solutions. */
const TUNED_TOGETHER: Readonly<Record<string, string>> = {
  gemm: "GEMMs",
  "moe-gemm": "Expert GEMMs",
  attention: "Attention",
  "linear-attention": "Linear attention",
};

/** Work that a fusion may take along and that is worth tuning all the same. */
const DOES_THE_WORK: ReadonlySet<string> = new Set([
  "gemm",
  "moe-gemm",
  "attention",
  "linear-attention",
]);

/** Calls of one op on one shape. */
interface Shape {
  readonly key: string;
  readonly units: readonly LimitedUnit[];
  /** Longest kernel of them. */
  readonly longest: Row;
}

/**
 * Work above its limit, each call as long as the machine needs at least: products of a kind as one
 * candidate with its shapes listed, other ops one by one.
 *
 * @param fusible rows of chains that a fusion takes: the remedy for norms, copies and the like is
 *   to join them, not to tune each by itself
 */
export function headroomCandidates(
  evidence: StageEvidence,
  calls: StageCalls,
  fusible: ReadonlySet<Row>,
): readonly Candidate[] {
  const { graph, limits } = evidence;
  if (limits === null) return [];
  const groups = new Map<string, Shape[]>();
  for (const shape of shapesOf(evidence, calls, fusible)) {
    const [{ op, model }] = shape.units as [LimitedUnit];
    const { category } = graph.symbols[graph.symbolOf[shape.longest]!]!;
    const key = category in TUNED_TOGETHER ? category : `${op} ${model?.id}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [shape]);
    else known.push(shape);
  }
  return [...groups].flatMap(([key, all]): Candidate[] => {
    const shapes = key in TUNED_TOGETHER ? all : all.filter(isTunable);
    const rows = shapes.flatMap(({ units }) => units.flatMap((unit) => unit.rows));
    if (rows.length === 0 || kernelTime(shapes) < TUNABLE * rows.length) return [];
    const units = shapes.flatMap((shape) => shape.units);
    const [first] = units as [LimitedUnit];
    const assuming = [...new Set(units.flatMap((unit) => unit.assuming))];
    const sources = units.find(({ model }) => model !== null)?.model?.sources ?? [];
    const tell = (isFree: (row: Row) => boolean): ReturnType<NonNullable<Candidate["retold"]>> =>
      told(evidence, key, shapes, isFree);
    return [
      {
        kind: "limit",
        key: key in TUNED_TOGETHER ? key : `${key} ${first.dims}`,
        ...tell(() => true),
        toggle: null,
        proof: assuming.length === 0 ? "model" : "assumed",
        assuming,
        rule: null,
        sources,
        rows: new Set(rows),
        change: (isFree) => ({
          durations: new Map(
            rows
              .filter((row) => isFree(row) && limits.floorNs[row]! < graph.trace.gpu.duration[row]!)
              .map((row) => [row, limits.floorNs[row]!]),
          ),
        }),
        idleNs: 0,
        toLimit: true,
        retold: tell,
      },
    ];
  });
}

/**
 * Calls of the stage with a floor that leaves room, by op and shapes. Transfers between ranks wait
 * more than they move: not here. More than the machine can do contradicts the figures: nothing is
 * built on them.
 */
function shapesOf(
  { graph }: StageEvidence,
  calls: StageCalls,
  fusible: ReadonlySet<Row>,
): readonly Shape[] {
  const { duration, kind } = graph.trace.gpu;
  const groups = new Map<string, LimitedUnit[]>();
  for (const unit of calls.units) {
    if (unit.floorNs === null || unit.boundBy === "link" || unit.isLeast === true) continue;
    // Copies and fills by the copy engine have a floor too, but no kernel that could be written better.
    if (!unit.rows.some((row) => kind[row] === 0)) continue;
    const { category } = graph.symbols[graph.symbolOf[unit.rows[0]!]!]!;
    if (!DOES_THE_WORK.has(category) && unit.rows.every((row) => fusible.has(row))) continue;
    const key = `${unit.op} ${unit.model?.id} ${unit.dims} ${unit.types}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [unit]);
    else known.push(unit);
  }
  return [...groups]
    .sort((a, b) => compareText(a[0], b[0]))
    .map(([key, units]) => {
      const rows = units.flatMap((unit) => unit.rows);
      return { key, units, longest: rows.reduce((a, b) => (duration[b]! > duration[a]! ? b : a)) };
    })
    .filter(({ units }) => pctOf(units) < REACHED_PCT);
}

function isTunable(shape: Shape): boolean {
  const launches = shape.units.reduce((sum, { rows }) => sum + rows.length, 0);
  return kernelTime([shape]) >= TUNABLE * launches;
}

function kernelTime(shapes: readonly Shape[]): Nanoseconds {
  return shapes.reduce((sum, { units }) => sum + units.reduce((all, u) => all + u.kernelNs, 0), 0);
}

function headroomNs(units: readonly LimitedUnit[]): Nanoseconds {
  return units.reduce((sum, { kernelNs, floorNs }) => sum + Math.max(0, kernelNs - floorNs!), 0);
}

function pctOf(units: readonly LimitedUnit[]): number {
  const sum = (of: (unit: LimitedUnit) => number): number =>
    units.reduce((total, unit) => total + of(unit), 0);
  return percent(
    sum(({ floorNs }) => floorNs!),
    sum(({ kernelNs }) => kernelNs),
  );
}

/** Shapes that are listed one by one. */
const MOST_SHAPES = 3;

/** What is left of the shapes where others have claimed some of their calls. */
function told(
  { graph }: StageEvidence,
  key: string,
  shapes: readonly Shape[],
  isFree: (row: Row) => boolean,
): Pick<Candidate, "title" | "do" | "where"> {
  const left = shapes
    .map((shape) => ({ ...shape, units: shape.units.filter(({ rows }) => rows.every(isFree)) }))
    .filter(({ units }) => units.length > 0)
    .map((shape) => ({ ...shape, ns: headroomNs(shape.units) }))
    .sort((a, b) => b.ns - a.ns || compareText(a.key, b.key));
  const shown = left.length === 0 ? shapes.map((shape) => ({ ...shape, ns: 0 })) : left;
  const units = shown.flatMap((shape) => shape.units);
  const [most] = shown as [Shape & { ns: Nanoseconds }];
  const [first] = most.units as [LimitedUnit];
  const name = TUNED_TOGETHER[key] ?? (shown.length === 1 ? nameOf(first) : first.op);
  const pct = `${pctOf(units).toFixed(0)}% of ${BOUND[first.boundBy]}`;
  const count = shown.length === 1 ? "" : ` of ${shown.length} shapes`;
  const time = timeWords(most.ns);
  const list = shown.slice(0, MOST_SHAPES).map(({ units: own, longest, ns }) => {
    const { short } = kernelNameAt(graph.trace, longest);
    const where = moduleOf(graph, longest);
    return `${nameOf(own[0]!)}${where} at ${pctOf(own).toFixed(0)}% (${own.length}x, ${time(ns)} above its limit) runs as ${short}`;
  });
  const others = shown.length - list.length;
  return {
    title: `${name} at ${pct}, ${units.length} times${count}`,
    do: `${list.join("; ")}${others === 0 ? "" : `; ${others} more shapes`}. ${remedy(first)}`,
    where: placesOf(
      graph,
      units.flatMap(({ rows }) => rows),
    ),
  };
}

/** " (RowParallelLinear)" */
function moduleOf({ sites, siteOf }: StageEvidence["graph"], row: Row): string {
  const module = sites[siteOf[row]!]!.module?.split(".").at(-1);
  return module === undefined || module === "GraphModule" ? "" : ` (${module})`;
}

/** The op with its first two operands; of a part of a large op also what the part does. */
function nameOf({ op, dims, model }: LimitedUnit): string {
  const part = model !== null && model.kernels.length > 0 ? ` (${model.title})` : "";
  const operands = [...dims.matchAll(/\[(\d[\d,]*)\]/g)].slice(0, 2);
  return [`${op}${part}`, operands.map(([text]) => text).join(" x ")]
    .filter((text) => text !== "")
    .join(" ");
}

function remedy({ boundBy, op }: LimitedUnit): string {
  if (/index_put|scatter|gather|index/.test(op))
    return "Replace it by a gather with the inverse order, or by a kernel written for this access pattern.";
  if (boundBy === "compute")
    return "Tune for these shapes (another library, tile, split-K or algorithm), or run in a narrower type.";
  return "The memory can move far more bytes a second: tune tile and split for these shapes, take another backend, or join with neighbours so that less is moved.";
}
