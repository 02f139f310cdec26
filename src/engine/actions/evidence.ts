import { compareText } from "../../base/compare-text.ts";
import { type Action, REACHED_PCT } from "../../model/contracts/action.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import { type Nanoseconds, type Row, toUs } from "../../model/trace/units.ts";
import type { Change, Saved } from "../retime/retime.ts";
import { kernelId } from "../tables/kernel-id.ts";
import type { Candidate } from "./candidate.ts";

/** Launches of one kernel that go or become shorter. */
interface Shortened {
  launches: number;
  ns: Nanoseconds;
  leavesNs: Nanoseconds;
}

/** What a saving is made of, as the report tells it, and what of it is likely. */
export function evidenceOf(
  graph: KernelGraph,
  candidate: Candidate,
  changed: Change | null,
  saved: Saved,
): Pick<Action, "evidence" | "likelyUs"> {
  const kernels = shortened(graph, changed);
  const gpuNs = kernels.reduce((sum, [, { ns, leavesNs }]) => sum + ns - leavesNs, 0);
  const { idleParts = new Map(), idleNs } = candidate;
  return {
    evidence: {
      kernels: kernels.map(([name, { launches, ns, leavesNs }]) => ({
        id: kernelId(name),
        launches,
        us: toUs(ns),
        leavesUs: toUs(leavesNs),
      })),
      gpuUs: toUs(gpuNs),
      idle: [...idleParts].map(([part, ns]) => ({ part, us: toUs(ns) })),
      idleUs: idleNs === Number.POSITIVE_INFINITY ? null : toUs(idleNs),
    },
    likelyUs: toUs(likelyNs(graph, candidate, changed, saved)),
  };
}

/**
 * What of a saving is likely: where kernels come down to a limit the part of it that kernels reach,
 * kernel by kernel, as much of what the step gains as of what the GPU does less.
 */
export function likelyNs(
  graph: KernelGraph,
  { toLimit }: Candidate,
  changed: Change | null,
  { kernelNs, gapNs }: Saved,
): Nanoseconds {
  if (toLimit !== true) return kernelNs + gapNs;
  let whole = 0;
  let reached = 0;
  for (const [, { ns, leavesNs }] of shortened(graph, changed)) {
    whole += ns - leavesNs;
    reached += Math.max(0, ns - (100 / REACHED_PCT) * leavesNs);
  }
  return whole === 0 ? 0 : Math.round(((kernelNs + gapNs) * reached) / whole);
}

/** Kernels that a change takes away or shortens, by demangled name, most time first. */
function shortened(
  { trace }: KernelGraph,
  changed: Change | null,
): readonly (readonly [string, Readonly<Shortened>])[] {
  const byName = new Map<string, Shortened>();
  const add = (row: Row, leavesNs: Nanoseconds): void => {
    const { demangled } = kernelNameAt(trace, row);
    const known = byName.get(demangled) ?? { launches: 0, ns: 0, leavesNs: 0 };
    byName.set(demangled, known);
    known.launches++;
    known.ns += trace.gpu.duration[row]!;
    known.leavesNs += leavesNs;
  };
  for (const row of changed?.removed ?? []) add(row, 0);
  for (const [row, ns] of changed?.durations ?? [])
    if (changed?.removed?.has(row) !== true) add(row, ns);
  return [...byName].sort((a, b) => b[1].ns - a[1].ns || compareText(a[0], b[0]));
}
