import { compareText } from "../base/compare-text.ts";
import { groupBy } from "../base/group-by.ts";
import { compareTimes, DEFAULT_THRESHOLDS } from "../diff/noise.ts";
import type { FactChange, FleetChange, SlowerKernel } from "../model/contracts/fleet.ts";
import { comboKey, comboOf } from "./combo.ts";
import type { FleetRows, KernelRow } from "./rows.ts";

/** Facts that change what a kernel has to do. */
const WORK = ["tokens", "tp", "pp", "dp", "ep", "attn_tp", "dtype", "quant", "kv_dtype"];
const ALSO_WORK = ["message_bytes", "workload", "phase"];
const IS_WORK: ReadonlySet<string> = new Set([...WORK, ...ALSO_WORK]);

/** What only one build tells may have been the same in the other. */
function isOtherWork({ name, from, to }: FactChange): boolean {
  return IS_WORK.has(name) && from !== null && to !== null;
}

/**
 * Kernels whose median launch takes longer than noise explains. Ranks and runs differ among
 * themselves, so the digests of both builds must lie apart besides: the quarter that is fastest now
 * against the quarter that was slowest before, so that one odd rank neither makes nor hides it.
 */
export function slowerOf({ kernels }: FleetRows, changes: readonly FleetChange[]): SlowerKernel[] {
  const byCombo = groupBy(kernels, comboKey);
  const found = changes.flatMap((change) => {
    const own = groupBy(byCombo.get(comboKey(change)) ?? [], ({ name }) => name);
    return [...own.values()].flatMap((rows) => {
      const before = rows.find(({ build }) => build === change.before);
      const after = rows.find(({ build }) => build === change.after);
      return before === undefined || after === undefined ? [] : compared(before, after, change);
    });
  });
  return found.sort(
    (a, b) =>
      (b.perStepUs ?? -1) - (a.perStepUs ?? -1) ||
      b.growthPct - a.growthPct ||
      compareText(a.name, b.name),
  );
}

function compared(before: KernelRow, after: KernelRow, change: FleetChange): SlowerKernel[] {
  const model = { ...DEFAULT_THRESHOLDS, usualSpread: 0 };
  const result = compareTimes(sampleOf(before), sampleOf(after), model, after.perStep ?? 1);
  if (result.noiseUs === null || result.change !== "slower" || after.low <= before.high) return [];
  return [
    {
      ...{ ...comboOf(before), name: before.name, shortName: before.short },
      ...{ before: change.before, after: change.after },
      ...{ fromUs: before.median, toUs: after.median, noiseUs: result.noiseUs },
      growthPct: (100 * result.deltaUs) / before.median,
      perStepUs: after.perStep === null ? null : result.deltaUs * after.perStep,
      otherWork: change.facts.filter(isOtherWork).map(({ name }) => name),
    },
  ];
}

function sampleOf({ launches, avg, median, p10, p90 }: KernelRow) {
  return { count: launches, avgUs: avg, medianUs: median, p10Us: p10, p90Us: p90 };
}
