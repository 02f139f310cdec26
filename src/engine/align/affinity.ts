import { keepsPromise } from "./op-words.ts";
import { type KernelStep, type LaunchStep, type PairScore, UNKNOWN } from "./sequence.ts";

/**
 * What a site launches, learned from pairs seen so far. CUDA captures carry no kernel names, but a
 * model repeats its layers: a site that met kernel X in thirty layers means X in the next one too.
 */
export interface Affinity {
  learn(site: number, name: number): void;
  /** -3 … 3: how well experience supports the pair; 0 without experience. */
  support(site: number, name: number): number;
}

/** Below this many observations a site's experience says nothing. */
const ENOUGH = 3;

export function createAffinity(): Affinity {
  const bySite = new Map<number, { total: number; names: Map<number, number> }>();
  return {
    learn(site, name) {
      let seen = bySite.get(site);
      if (seen === undefined) {
        seen = { total: 0, names: new Map() };
        bySite.set(site, seen);
      }
      seen.total++;
      seen.names.set(name, (seen.names.get(name) ?? 0) + 1);
    },
    support(site, name) {
      const seen = bySite.get(site);
      if (seen === undefined || seen.total < ENOUGH) return 0;
      const share = (seen.names.get(name) ?? 0) / seen.total;
      return share >= 0.5 ? 3 * share : share < 0.1 ? -3 : 0;
    },
  };
}

/**
 * Names decide where both sides have one; otherwise what the op is expected to launch and what its
 * site launched elsewhere. Copies only meet copies, fills only fills.
 */
export function pairScore(affinity: Affinity | null): PairScore {
  return (kernel, launch) => {
    if (kernel.kind !== launch.kind) return Number.NEGATIVE_INFINITY;
    const dims = dimsScore(kernel, launch);
    if (kernel.name !== UNKNOWN && launch.name !== UNKNOWN)
      return kernel.name === launch.name ? 4 + dims : Number.NEGATIVE_INFINITY;
    return (
      categoryScore(kernel, launch) + dims + (affinity?.support(launch.site, kernel.name) ?? 0)
    );
  };
}

function categoryScore(kernel: KernelStep, launch: LaunchStep): number {
  if (launch.category === null) return 0.5;
  return keepsPromise(kernel.category, launch.category) ? 2 : -3;
}

/** Grids differ between batch sizes of one graph, so a mismatch only weakens a pair. */
function dimsScore(kernel: KernelStep, launch: LaunchStep): number {
  if (kernel.dims === UNKNOWN || launch.dims === UNKNOWN) return 0;
  return kernel.dims === launch.dims ? 1 : -0.5;
}
