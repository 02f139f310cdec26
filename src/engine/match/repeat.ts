import type { StatePattern } from "../../model/rule.ts";
import type { Picks } from "./any-order.ts";
import type { LayerLookup } from "./layer-lookup.ts";
import { rowAt, type StageView, stepAt } from "./stage-view.ts";

/** The matches that `repeat >= n` counts. */
export interface Repeated {
  readonly counted: ReadonlySet<Picks>;
  /** True when layers were asked for and the trace does not tell them. */
  readonly assumesLayer: boolean;
}

/**
 * Keeps the matches of every stage, layer or step that has at least `min` of them. A match belongs
 * to the layer of its first kernel; outside the layers nothing repeats per layer. Where layers are
 * unknown the whole stage counts as one, and the answer says so.
 */
export function keepRepeated(
  matches: readonly Picks[],
  repeat: StatePattern["repeat"],
  view: StageView,
  layers: LayerLookup | null,
): Repeated {
  const assumesLayer = repeat.per === "layer" && layers === null;
  const groupOf = (match: Picks): string | null => {
    if (repeat.per === "stage" || assumesLayer) return "";
    const first = earliest(match, view);
    const step = String(stepAt(view, first));
    if (repeat.per === "step") return step;
    // A layer runs once a step: the same number in the next step is another visit.
    const layer = layers!(rowAt(view, first));
    return layer < 0 ? null : `${step}/${layer}`;
  };
  const groups = new Map<string, Picks[]>();
  for (const match of matches) {
    const group = groupOf(match);
    if (group === null) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [match]);
    else members.push(match);
  }
  const large = [...groups.values()].filter((members) => members.length >= repeat.min);
  const kept = new Set(large.flat());
  return { counted: new Set(matches.filter((match) => kept.has(match))), assumesLayer };
}

/** Position of the match's first kernel by time: an overlap's kernels lie on several lanes. */
function earliest(match: Picks, view: StageView): number {
  return match.flat().reduce((a, b) => (rowAt(view, a) <= rowAt(view, b) ? a : b));
}
