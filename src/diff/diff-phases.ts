import { compareText } from "../base/compare-text.ts";
import type { PhaseDiff, PhaseKernelDiff, Thresholds } from "../model/contracts/diff.ts";
import type { PhaseReport } from "../model/contracts/report.ts";
import { changePct, compareTimes } from "./noise.ts";
import type { StagePair } from "./stage-totals.ts";

/**
 * Draft, verify and plain decode one by one: a step of one phase is other work than a step of
 * another, and the median over all of them is nobody's. Phases that one side lacks are left out; the
 * head says so.
 */
export function diffPhases(
  { before, after }: StagePair,
  thresholds: Thresholds,
): readonly PhaseDiff[] {
  return before.phases.flatMap((one): PhaseDiff[] => {
    const other = after.phases.find(({ phase }) => phase === one.phase);
    if (other === undefined) return [];
    const { deltaUs, noiseUs, change } = compareTimes(sampleOf(one), sampleOf(other), {
      ...thresholds,
      usualSpread: 0,
    });
    return [
      {
        phase: one.phase,
        steps: { before: one.steps, after: other.steps },
        before: one.duration,
        after: other.duration,
        deltaUs,
        pct: changePct(deltaUs, one.duration.medianUs),
        noiseUs,
        change,
        kernels: noiseUs === null ? [] : changedKernels(one, other, noiseUs, thresholds),
      },
    ];
  });
}

function sampleOf({ duration, steps }: PhaseReport) {
  return { ...duration, count: steps, avgUs: null };
}

/** Kernels that change a step of the phase by more than its noise. */
function changedKernels(
  one: PhaseReport,
  other: PhaseReport,
  noiseUs: number,
  { minChangePct }: Thresholds,
): readonly PhaseKernelDiff[] {
  const step = Math.min(one.duration.medianUs, other.duration.medianUs);
  const least = Math.max(noiseUs, (step * minChangePct) / 100);
  const before = new Map(one.kernels.map((row) => [row.name, row]));
  const after = new Map(other.kernels.map((row) => [row.name, row]));
  return [...new Map([...before, ...after]).values()]
    .map(({ name, shortName }): PhaseKernelDiff => {
      const [beforeUs, afterUs] = [before.get(name)?.us ?? null, after.get(name)?.us ?? null];
      return { name, shortName, beforeUs, afterUs, deltaUs: (afterUs ?? 0) - (beforeUs ?? 0) };
    })
    .filter(({ deltaUs }) => Math.abs(deltaUs) > least)
    .sort((a, b) => Math.abs(b.deltaUs) - Math.abs(a.deltaUs) || compareText(a.name, b.name));
}
