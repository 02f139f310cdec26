import { compareText } from "../../../base/compare-text.ts";
import { kernelNameAt } from "../../../model/trace/trace.ts";
import type { Row } from "../../../model/trace/units.ts";
import { medianOf } from "../../spread.ts";
import type { StageCalls } from "../calls.ts";
import { type Candidate, type StageEvidence, WITHOUT_RULE } from "../candidate.ts";
import { placesOf } from "../places.ts";

/** A kernel this many times slower than another that does the same calls is the wrong one. */
const SLOWER_TIMES = 1.3;

/** Fewer calls of either kernel are chance: the first use of one tunes it. */
const CALLS = 3;

/**
 * Calls of the same op on the same shapes and types that run in two kernels of which one is slower:
 * a fallback that only some calls take (alignment, layout, a heuristic). The faster one is proven to
 * do the job in this very run.
 */
export function slowerKernelCandidates(
  evidence: StageEvidence,
  calls: StageCalls,
): readonly Candidate[] {
  const { graph } = evidence;
  const { duration, kind } = graph.trace.gpu;
  const jobs = new Map<string, Map<number, Row[]>>();
  for (const { op, dims, types, model, rows, medium } of calls.units) {
    const [row] = rows as [Row];
    if (rows.length !== 1 || kind[row] !== 0 || medium === "link" || !dims.startsWith("["))
      continue;
    const key = `${op} ${model?.id} ${dims} ${types}`;
    const kernels = jobs.get(key) ?? new Map<number, Row[]>();
    jobs.set(key, kernels);
    const name = graph.trace.gpu.name[row]!;
    kernels.set(name, [...(kernels.get(name) ?? []), row]);
  }
  return [...jobs]
    .sort((a, b) => compareText(a[0], b[0]))
    .flatMap(([key, kernels]): Candidate[] => {
      const ranked = [...kernels.values()]
        .filter((rows) => rows.length >= CALLS)
        .map((rows) => ({ rows, usual: medianOf(rows.map((row) => duration[row]!)) }))
        .sort((a, b) => a.usual - b.usual || a.rows[0]! - b.rows[0]!);
      const [best, ...others] = ranked;
      const slower = others.filter(({ usual }) => usual >= SLOWER_TIMES * best!.usual);
      if (slower.length === 0) return [];
      const rows = slower.flatMap((each) => each.rows);
      const short = (row: Row): string => kernelNameAt(graph.trace, row).short;
      const [op] = key.split(" ") as [string];
      return [
        {
          kind: "limit",
          key: `slower ${key}`,
          title: `${op} runs in a slower kernel ${rows.length} times where ${short(best!.rows[0]!)} does the same`,
          do: `On the same shapes and types ${short(slower[0]!.rows[0]!)} takes ${(slower[0]!.usual / 1000).toFixed(1)} us and ${short(best!.rows[0]!)} ${(best!.usual / 1000).toFixed(1)} us: find what makes these calls fall back (alignment or layout of an operand, a heuristic, a workspace) and remove it.`,
          where: placesOf(graph, rows),
          proof: "trace",
          assuming: [],
          ...WITHOUT_RULE,
          rows: new Set(rows),
          change: (isFree) => ({
            durations: new Map(
              rows
                .filter((row) => isFree(row) && duration[row]! > best!.usual)
                .map((row) => [row, best!.usual]),
            ),
          }),
          idleNs: 0,
          isFirst: true,
        },
      ];
    });
}
