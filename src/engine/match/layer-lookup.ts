import { firstIndex } from "../../base/first-index.ts";
import type { KernelGraph, Site, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { Row } from "../../model/trace/units.ts";

/** Layer number of a GPU row, -1 where it belongs to none. */
export type LayerLookup = (row: Row) => number;

/**
 * Layers from the repeated kernel period of the stage, else from module paths
 * ("Qwen3DecoderLayer_12.…", "model.layers.12.…"). Null when neither tells: layers are unknown.
 */
export function lookUpLayers(graph: KernelGraph, stage: StageGraph): LayerLookup | null {
  if (stage.layers !== null) {
    const { layerOf } = stage.layers;
    return (row) => {
      const index = indexOf(stage.events, row);
      return index < 0 ? -1 : layerOf[index]!;
    };
  }
  const ofSite = layersOfSites(graph.sites);
  if (!stage.events.some((row) => ofSite[graph.siteOf[row]!]! >= 0)) return null;
  return (row) => ofSite[graph.siteOf[row]!]!;
}

/** Stages of one graph, and the tests of a rule, share their sites. */
const known = new WeakMap<readonly Site[], readonly number[]>();

function layersOfSites(sites: readonly Site[]): readonly number[] {
  let layers = known.get(sites);
  if (layers === undefined) {
    layers = sites.map((site) => layerInPath(site.modulePath ?? ""));
    known.set(sites, layers);
  }
  return layers;
}

/** Layer number written in a module path, -1 when there is none. */
function layerInPath(path: string): number {
  const numbered = /(?:^|\.)(?:\w*(?:Layer|Block)_|layers\.)(\d+)(?:\.|$)/.exec(path);
  return numbered === null ? -1 : Number(numbered[1]);
}

/** Binary search: `events` holds rows in ascending order. */
function indexOf(events: Uint32Array, row: Row): number {
  const entry = firstIndex(0, events.length, (at) => events[at]! >= row);
  return events[entry] === row ? entry : -1;
}
