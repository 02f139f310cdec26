import type { KernelChange, PositionDiff, PositionSide } from "../../model/contracts/diff.ts";
import type { LayerKernel } from "../../model/contracts/report.ts";
import type { DiffContext } from "../diff-kernels.ts";
import { changePct, compareTimes } from "../noise.ts";
import type { PairedPosition } from "./pair-layers.ts";

/** Shorter changes of a gap are the profiler's. */
const LEAST_GAP_US = 0.5;

/** Every position of the layers, paired; times are those of one launch. */
export function diffPositions(
  pairs: readonly PairedPosition[],
  { model, stepUs, steps, explainedBy }: DiffContext,
): readonly PositionDiff[] {
  return pairs.map(([one, other]): PositionDiff => {
    const before = one && positionSide(one);
    const after = other && positionSide(other);
    const explained = [one, other].flatMap((side) =>
      side === null ? [] : (explainedBy(side.shortName) ?? []),
    );
    const rest = { before, after, explainedBy: explained[0] ?? null };
    if (one === null || other === null)
      return {
        ...rest,
        change: one === null ? "appeared" : "vanished",
        medianDeltaUs: null,
        medianPct: null,
        noiseUs: null,
        gapDeltaUs: null,
        gapChange: null,
      };
    const perStep = (one.launches / steps.before + other.launches / steps.after) / 2;
    const sample = (side: LayerKernel) => ({ ...side, count: side.launches });
    const time = compareTimes(sample(one), sample(other), model, perStep, stepUs);
    const gapSample = (side: LayerKernel) => ({
      ...side.gapBefore,
      count: side.launches,
      avgUs: null,
    });
    const gap = compareTimes(
      gapSample(one),
      gapSample(other),
      { ...model, usualSpread: 0, minChangeUs: LEAST_GAP_US },
      perStep,
      stepUs,
    );
    const change: KernelChange = one.kernel === other.kernel ? time.change : "replaced";
    return {
      ...rest,
      change,
      medianDeltaUs: time.deltaUs,
      medianPct: changePct(time.deltaUs, one.medianUs),
      noiseUs: time.noiseUs,
      gapDeltaUs: gap.deltaUs,
      gapChange: gap.change,
    };
  });
}

function positionSide(side: LayerKernel): PositionSide {
  const { position, kernel, shortName, category, role, location, launches } = side;
  const { medianUs, p10Us, p90Us, gapBefore } = side;
  return {
    position,
    kernel,
    shortName,
    category,
    role,
    location,
    launches,
    medianUs,
    p10Us,
    p90Us,
    gapUs: gapBefore.medianUs,
  };
}
