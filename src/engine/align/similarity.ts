import { type KernelStep, type LaunchStep, UNKNOWN } from "./sequence.ts";

/**
 * How alike a replay and a captured graph are as bags, 0–1: by kernel names where both have them,
 * else by kind and expected category. Cheap; picks which graph to align, never locates a kernel.
 */
export function similarity(
  kernels: readonly KernelStep[],
  launches: readonly LaunchStep[],
): number {
  const larger = Math.max(kernels.length, launches.length);
  if (larger === 0) return 0;
  const named = launches.some((launch) => launch.name !== UNKNOWN);
  const bag = new Map<string, number>();
  for (const kernel of kernels)
    add(bag, named ? `n${kernel.name}` : key(kernel.kind, kernel.category));
  let common = 0;
  let untold = 0;
  for (const launch of launches) {
    if (!named && launch.category === null) untold++;
    else if (take(bag, named ? `n${launch.name}` : key(launch.kind, launch.category ?? "")))
      common++;
  }
  // Launches whose op does not tell fit whatever is left over, but only count half.
  const left = [...bag.values()].reduce((sum, count) => sum + count, 0);
  return (common + Math.min(untold, left) / 2) / larger;
}

function key(kind: number, category: string): string {
  return `${kind}:${category}`;
}

function add(bag: Map<string, number>, name: string): void {
  bag.set(name, (bag.get(name) ?? 0) + 1);
}

function take(bag: Map<string, number>, name: string): boolean {
  const count = bag.get(name) ?? 0;
  if (count === 0) return false;
  bag.set(name, count - 1);
  return true;
}
