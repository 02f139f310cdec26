import type { KernelRow } from "../../model/contracts/report.ts";
import type { PairedPosition } from "./pair-layers.ts";

interface PairedKernels {
  readonly both: readonly (readonly [KernelRow, KernelRow])[];
  readonly replaced: readonly (readonly [KernelRow, KernelRow])[];
  readonly vanished: readonly KernelRow[];
  readonly appeared: readonly KernelRow[];
}

/**
 * Kernels of two stages by name. Of those that only one side has, two are one replaced by the other
 * where they hold the same position of the layer, or, outside the layers, the same place in the
 * code for the same kind of work.
 */
export function pairKernels(
  before: readonly KernelRow[],
  after: readonly KernelRow[],
  positions: readonly PairedPosition[],
): PairedKernels {
  const inAfter = new Map(after.map((row) => [row.name, row]));
  const inBefore = new Set(before.map(({ name }) => name));
  const both = before.flatMap((row) => {
    const other = inAfter.get(row.name);
    return other === undefined ? [] : [[row, other] as const];
  });
  const gone = before.filter(({ name }) => !inAfter.has(name));
  const come = after.filter(({ name }) => !inBefore.has(name));
  const replaced: (readonly [KernelRow, KernelRow])[] = [];
  const taken = new Set<KernelRow>();
  const pair = (matches: (old: KernelRow, fresh: KernelRow) => boolean): void => {
    for (const old of gone) {
      const fresh = come.find((row) => !taken.has(row) && !taken.has(old) && matches(old, row));
      if (fresh === undefined) continue;
      replaced.push([old, fresh]);
      taken.add(old).add(fresh);
    }
  };
  const held = new Set(
    positions.flatMap(([one, other]) =>
      one === null || other === null ? [] : [`${one.kernel}\n${other.kernel}`],
    ),
  );
  const isAsOften = (old: KernelRow, fresh: KernelRow): boolean => {
    const ratio = launchesOf(fresh) / launchesOf(old);
    return Math.max(ratio, 1 / ratio) <= AS_OFTEN;
  };
  pair((old, fresh) => held.has(`${old.name}\n${fresh.name}`) && isAsOften(old, fresh));
  const inLayer = new Set(positions.flatMap((pair) => pair.map((side) => side?.kernel)));
  pair(
    (old, fresh) =>
      !inLayer.has(old.name) &&
      !inLayer.has(fresh.name) &&
      old.category === fresh.category &&
      isAsOften(old, fresh) &&
      placeOf(old) !== null &&
      placeOf(old) === placeOf(fresh),
  );
  const alone = (row: KernelRow): boolean => !taken.has(row);
  return { both, replaced, vanished: gone.filter(alone), appeared: come.filter(alone) };
}

/** One that runs a third as often replaces only a part of the other. */
const AS_OFTEN = 1.25;

function launchesOf({ perStep, launches }: KernelRow): number {
  return perStep === null || perStep.launches === 0 ? launches : perStep.launches;
}

/** Where most of its time is launched; null where that is not known. */
function placeOf({ sites }: KernelRow): string | null {
  const [site] = sites;
  if (site === undefined || (site.location === null && site.module === null)) return null;
  return JSON.stringify([site.location?.replace(/:\d+.*$/, ""), site.function, site.module]);
}
