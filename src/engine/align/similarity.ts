import { type KernelStep, type LaunchStep, UNKNOWN } from "./sequence.ts";

/** Part of the likeness that length alone gives where launches have no names. */
const LENGTH_WEIGHT = 0.6;

/**
 * How alike a replay and a captured graph are as bags, 0–1: by kernel names where both have them,
 * else by length and by the categories the ops announce. Cheap; picks which graph to align, never
 * locates a kernel.
 */
export function similarity(
  kernels: readonly KernelStep[],
  launches: readonly LaunchStep[],
): number {
  const larger = Math.max(kernels.length, launches.length);
  if (larger === 0) return 0;
  if (launches.some((launch) => launch.name !== UNKNOWN))
    return inCommon(kernels.map(nameKey), launches.map(nameKey)) / larger;
  const told = launches.filter((launch) => launch.category !== null);
  const share =
    told.length === 0
      ? 1
      : inCommon(
          kernels.map((kernel) => `${kernel.kind}:${kernel.category}`),
          told.map((launch) => `${launch.kind}:${launch.category}`),
        ) / told.length;
  const length = Math.min(kernels.length, launches.length) / larger;
  return length * (LENGTH_WEIGHT + (1 - LENGTH_WEIGHT) * share);
}

function nameKey({ name }: KernelStep | LaunchStep): string {
  return String(name);
}

/** Size of the intersection of two bags. */
function inCommon(a: readonly string[], b: readonly string[]): number {
  const bag = new Map<string, number>();
  for (const key of a) bag.set(key, (bag.get(key) ?? 0) + 1);
  let common = 0;
  for (const key of b) {
    const left = bag.get(key) ?? 0;
    if (left === 0) continue;
    bag.set(key, left - 1);
    common++;
  }
  return common;
}
