import { compareText } from "../../base/compare-text.ts";
import { kernelNameAt } from "../../model/trace.ts";
import { type Nanoseconds, percent, type Row } from "../../model/units.ts";
import type { LimitedUnit } from "../limits/limits.ts";
import type { Candidate, StageEvidence } from "./candidate.ts";
import { placesOf } from "./places.ts";

/** From here on a kernel is as fast as kernels get: datasheet peaks are not reached in full. */
const NEAR_LIMIT_PCT = 80;

/** A kernel shorter than this is mostly launch and latency: no tuning brings it to a floor of nanoseconds. */
const TUNABLE: Nanoseconds = 10_000;

const BOUND = {
  compute: "the matrix and vector units",
  memory: "memory bandwidth",
  link: "the link",
} as const satisfies Record<LimitedUnit["boundBy"], string>;

/** Work above its limit, as one candidate per op and shape: each call as long as the machine needs at least. */
export function headroomCandidates(evidence: StageEvidence): readonly Candidate[] {
  const { graph, limits } = evidence;
  if (limits === null) return [];
  return [...unitsByWork(evidence)].flatMap(([key, units]): Candidate[] => {
    const [first] = units as [LimitedUnit];
    const rows = units.flatMap((unit) => unit.rows);
    const kernelNs = units.reduce((sum, unit) => sum + unit.kernelNs, 0);
    const floorNs = units.reduce((sum, unit) => sum + unit.floorNs!, 0);
    const pct = percent(floorNs, kernelNs);
    // More than the machine can do contradicts the figures: nothing is built on them.
    if (pct >= NEAR_LIMIT_PCT || kernelNs < TUNABLE * rows.length) return [];
    const longest = rows.reduce((a, b) =>
      graph.trace.gpu.duration[b]! > graph.trace.gpu.duration[a]! ? b : a,
    );
    return [
      {
        kind: "limit",
        key,
        title: `${nameOf(first)} at ${pct.toFixed(0)}% of ${BOUND[first.boundBy]}, ${units.length} times`,
        do: doText(first, kernelNameAt(graph.trace, longest).short),
        where: placesOf(graph, rows),
        toggle: null,
        proof: first.assuming.length === 0 ? "model" : "assumed",
        assuming: first.assuming,
        rule: null,
        sources: first.model?.sources ?? [],
        rows: new Set(rows),
        change: (isFree) => ({
          durations: new Map(
            rows
              .filter((row) => isFree(row) && limits.floorNs[row]! < graph.trace.gpu.duration[row]!)
              .map((row) => [row, limits.floorNs[row]!]),
          ),
        }),
        idleNs: 0,
      },
    ];
  });
}

/** Units of the stage with a floor, by op and shapes. Transfers between ranks wait more than they move: not here. */
function unitsByWork({ graph, stage, limits }: StageEvidence): ReadonlyMap<string, LimitedUnit[]> {
  const groups = new Map<string, LimitedUnit[]>();
  const seen = new Set<number>();
  for (const row of stage.events) {
    const at = limits!.unitOf[row]!;
    const unit = limits!.units[at];
    if (unit === undefined || seen.has(at)) continue;
    seen.add(at);
    if (unit.floorNs === null || unit.boundBy === "link" || unit.isLeast === true) continue;
    if (!isKernelWork(graph, unit.rows)) continue;
    const key = `${unit.op} ${unit.model?.id} ${unit.dims} ${unit.types}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [unit]);
    else known.push(unit);
  }
  return new Map([...groups].sort((a, b) => compareText(a[0], b[0])));
}

/** Copies and fills by the copy engine have a floor too, but no kernel that could be written better. */
function isKernelWork({ trace }: StageEvidence["graph"], rows: readonly Row[]): boolean {
  return rows.some((row) => trace.gpu.kind[row] === 0);
}

/** The op with its first two operands; of a part of a large op also what the part does. */
function nameOf({ op, dims, model }: LimitedUnit): string {
  const part = model !== null && model.kernels.length > 0 ? ` (${model.title})` : "";
  const operands = [...dims.matchAll(/\[(\d[\d,]*)\]/g)].slice(0, 2);
  return [`${op}${part}`, operands.map(([text]) => text).join(" x ")]
    .filter((text) => text !== "")
    .join(" ");
}

function doText({ boundBy, op }: LimitedUnit, kernel: string): string {
  const runs = `It runs as ${kernel}.`;
  if (/index_put|scatter|gather|index/.test(op))
    return `${runs} Replace it by a gather with the inverse order, or by a kernel written for this access pattern.`;
  if (boundBy === "compute")
    return `${runs} Tune the product for these shapes (another library, tile, split-K or algorithm) or run it in a narrower type.`;
  return `${runs} It moves far fewer bytes a second than the memory can: tune tile and split for these shapes, take another backend, or join it with its neighbours so that less is moved.`;
}
