import type { Occurrence } from "../../../model/finding.ts";
import type { StatePattern } from "../../../model/rule.ts";
import type { LayerLookup } from "../layer-lookup.ts";
import { firstRow } from "../occurrence-order.ts";

/** The occurrences that `repeat >= n` counts, and the others. */
interface Repeated {
  readonly counted: readonly Occurrence[];
  readonly dropped: readonly Occurrence[];
  /** True when layers were asked for and the trace does not tell them. */
  readonly assumesLayer: boolean;
}

/**
 * Keeps the occurrences of every stage, layer or step that has at least `min` of them. An occurrence
 * belongs to the layer of its first kernel; outside the layers nothing repeats per layer. Where
 * layers are unknown the whole stage counts as one, and the answer says so.
 */
export function keepRepeated(
  all: readonly Occurrence[],
  { min, per }: StatePattern["repeat"],
  stepOf: Int32Array,
  layers: LayerLookup | null,
): Repeated {
  const assumesLayer = per === "layer" && layers === null;
  if (per === "stage" || assumesLayer) {
    const isEnough = all.length >= min;
    return { counted: isEnough ? all : [], dropped: isEnough ? [] : all, assumesLayer };
  }
  const groupOf = (occurrence: Occurrence): string | null => {
    const first = firstRow(occurrence);
    const step = String(stepOf[first]!);
    if (per === "step") return step;
    // A layer runs once a step: the same number in the next step is another visit.
    const layer = layers!(first);
    return layer < 0 ? null : `${step}/${layer}`;
  };
  const groups = all.map(groupOf);
  const sizes = new Map<string | null, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const isCounted = (index: number): boolean =>
    groups[index] !== null && sizes.get(groups[index]!)! >= min;
  return {
    counted: all.filter((_, index) => isCounted(index)),
    dropped: all.filter((_, index) => !isCounted(index)),
    assumesLayer,
  };
}
