import type { UniformChange } from "../model/contracts/diff.ts";
import type { KernelRow } from "../model/contracts/report.ts";

/** Fewer kernels agree by chance. */
const LEAST_KERNELS = 4;
/** Of the compared time and of the kernels: one may have changed by its own besides. */
const MOST_OF_TIME = 0.6;
const MOST_OF_KERNELS = 0.75;
/** How far from the middle the others may lie. */
const WITHIN_POINTS = 2.5;
const LEAST_PCT = 2;
/** Time in communication is the slowest rank's, not this clock's. */
const COMMUNICATION = new Set(["communication", "dispatch-combine"]);

/** Clocks and power limits of one GPU differ by less. */
const MOST_PCT_OF_CLOCKS = 35;
export const CLOCK = "clock or power";
const TOO_MUCH = "more than clock or power explain";

/**
 * A change that kernels share, and no kernel has of its own. Told where three fifths of the
 * time and three quarters of the kernels changed by about as much; null elsewhere.
 *
 * @param differing what makes a step other work on the two sides, in words: it is the likelier cause
 */
export function uniformChange(
  pairs: readonly (readonly [KernelRow, KernelRow])[],
  differing: readonly string[],
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
  const isMost = share >= MOST_OF_TIME && alike.length >= MOST_OF_KERNELS * changes.length;
  if (alike.length < LEAST_KERNELS || !isMost) return null;
  const explained = Math.abs(middle.pct) > MOST_PCT_OF_CLOCKS ? TOO_MUCH : CLOCK;
  const why = differing.length > 0 ? differing.join("; ") : explained;
  return { pct: middle.pct, why, kernels: alike.map(({ name }) => name), of: changes.length };
}
