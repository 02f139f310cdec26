import type { UniformChange } from "../model/contracts/diff.ts";
import type { KernelRow } from "../model/contracts/report.ts";

/** Fewer kernels agree by chance. */
const LEAST_KERNELS = 4;
/** Of the compared time, and how far from the middle it may lie. */
const MOST_OF_TIME = 0.8;
const WITHIN_POINTS = 2.5;
const LEAST_PCT = 2;
/** Time in communication is the slowest rank's, not this clock's. */
const COMMUNICATION = new Set(["communication", "dispatch-combine"]);

/**
 * A change that all kernels share: clock or power, no kernel of its own. Told where four fifths of
 * the time changed by about as much; null elsewhere.
 */
export function uniformChange(
  pairs: readonly (readonly [KernelRow, KernelRow])[],
): UniformChange | null {
  const changes = pairs
    .filter(
      ([one, other]) =>
        !COMMUNICATION.has(one.category) && Math.min(one.medianUs, other.medianUs) > 0,
    )
    .map(([one, other]) => ({
      name: one.name,
      pct: (100 * (other.medianUs - one.medianUs)) / one.medianUs,
      weight: one.medianUs * one.launches,
    }))
    .sort((a, b) => a.pct - b.pct);
  if (changes.length < LEAST_KERNELS) return null;
  const total = changes.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  const middle = changes.find(({ weight }) => {
    passed += weight;
    return passed >= total / 2;
  });
  if (middle === undefined || Math.abs(middle.pct) < LEAST_PCT) return null;
  const alike = changes.filter(({ pct }) => Math.abs(pct - middle.pct) <= WITHIN_POINTS);
  const share = alike.reduce((sum, { weight }) => sum + weight, 0) / total;
  if (alike.length < LEAST_KERNELS || share < MOST_OF_TIME) return null;
  return { pct: middle.pct, kernels: alike.map(({ name }) => name) };
}
