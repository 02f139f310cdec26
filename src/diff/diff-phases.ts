import type { PhaseDiff, Thresholds } from "../model/contracts/diff.ts";
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
      },
    ];
  });
}

function sampleOf({ duration, steps }: PhaseReport) {
  return { ...duration, count: steps, avgUs: null };
}
