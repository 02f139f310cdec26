import { compareText } from "../../base/compare-text.ts";
import { withoutHolesUs } from "../../model/contracts/launch-bound.ts";
import { IDLE_PARTS } from "../../model/contracts/ledger.ts";
import type { StageReport } from "../../model/contracts/report.ts";
import type { ActionExplanation } from "../../model/contracts/row-explanation.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import { toUs } from "../../model/trace/units.ts";
import type { RankedAction } from "../actions/rank-actions.ts";
import { kernelId } from "../tables/kernel-id.ts";

/** Everything behind one action: its kernels launch by launch, the idle time around, and the step before and after. */
export function explainAction(
  path: string,
  { trace }: KernelGraph,
  stage: StageReport,
  { action, rows }: RankedAction,
  limit: number,
): ActionExplanation {
  const { gpu } = trace;
  const kernels = new Map<string, { shortName: string; launches: number; ns: number }>();
  for (const row of rows) {
    const { demangled, short } = kernelNameAt(trace, row);
    const known = kernels.get(demangled) ?? { shortName: short, launches: 0, ns: 0 };
    kernels.set(demangled, known);
    known.launches++;
    known.ns += gpu.duration[row]!;
  }
  const stepUs = withoutHolesUs(stage.timeline);
  return {
    path,
    action,
    stepUs,
    afterUs: stepUs - action.saves.kernelUs - action.saves.gapUs,
    kernels: [...kernels]
      .sort((a, b) => b[1].ns - a[1].ns || compareText(a[0], b[0]))
      .map(([name, { shortName, launches, ns }]) => ({
        id: kernelId(name),
        name,
        shortName,
        launches,
        totalUs: toUs(ns),
      })),
    launchCount: rows.length,
    launches: rows.slice(0, limit).map((row) => ({
      startUs: toUs(gpu.start[row]!),
      durUs: toUs(gpu.duration[row]!),
      kernel: kernelNameAt(trace, row).short,
    })),
    idle:
      action.saves.gapUs === 0
        ? []
        : stage.ledger.filter(({ part }) => (IDLE_PARTS as readonly string[]).includes(part)),
  };
}
