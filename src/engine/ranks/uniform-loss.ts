import type { Nanoseconds } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";

/** Fewer kernels agree by chance. */
const LEAST_KERNELS = 3;
const MOST_OF_TIME = 0.8;
const WITHIN = 0.025;
const LEAST = 0.02;

/**
 * By which share all kernels of a rank take longer than the others' do, where four fifths of their
 * time agree on it; null where each has its own reason.
 */
export function uniformLoss(
  own: ReadonlyMap<string, Nanoseconds>,
  others: readonly ReadonlyMap<string, Nanoseconds>[],
): number | null {
  const changes = [...own].flatMap(([name, ns]) => {
    const theirs = others.flatMap((one) => one.get(name) ?? []);
    const usual = theirs.length === others.length ? medianOf(theirs) : 0;
    return usual > 0 ? [{ share: ns / usual - 1, weight: usual }] : [];
  });
  if (changes.length < LEAST_KERNELS) return null;
  const total = changes.reduce((sum, { weight }) => sum + weight, 0);
  changes.sort((a, b) => a.share - b.share);
  let passed = 0;
  const middle = changes.find(({ weight }) => {
    passed += weight;
    return passed >= total / 2;
  })!.share;
  const alike = changes.filter(({ share }) => Math.abs(share - middle) <= WITHIN);
  const agreeing = alike.reduce((sum, { weight }) => sum + weight, 0);
  return middle >= LEAST && alike.length >= LEAST_KERNELS && agreeing >= MOST_OF_TIME * total
    ? middle
    : null;
}
