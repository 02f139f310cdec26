import { largestOf } from "../../base/extremes.ts";
import type { Trace } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import { cutLayers, type LayerCut } from "../layers/layer-plan.ts";
import { walkLayers } from "../layers/walk-layers.ts";
import type { StepAssignment } from "./assign-steps.ts";
import { cutPasses, pauseRow } from "./cut-passes.ts";

/** One layer that repeats is no model. */
const LEAST_LAYERS = 2;

/**
 * Forward passes of a trace in which nothing tells steps: equally many layers repeat between what
 * only a pass begins and ends with. Told only where every pass but the first and last, which the window may
 * cut, has all layers. Between two passes the longest pause of the GPU is the boundary: the head and
 * sampling of one lie before it, the embedding of the next behind.
 *
 * Whether a pass prefills or decodes its layers do not tell; where its kernels do,
 * {@link tellPassStages} says so.
 *
 * @returns null where steps are told otherwise, or no passes are certain.
 */
export function passesByLayers(
  trace: Trace,
  { steps, stageOf }: StepAssignment,
  events: Uint32Array,
  repeated: LayerCut | null,
): StepAssignment | null {
  const [whole] = steps;
  if (repeated === null || whole === undefined || steps.length > 1) return null;
  if (whole.from === "annotation" || whole.from === "python-frame") return null;
  const layers = layersWithin(trace, events, repeated) ?? repeated;
  const starts = passStarts(layers);
  if (starts.length < 2 || !areWhole(layers, starts)) return null;
  if (holdOthers(trace, events, layers, starts)) return null;
  const times = starts.slice(1).map((start, at) => {
    const before = lastLayered(layers, starts[at]!, start);
    return trace.gpu.start[pauseRow(trace, events, before, start)]!;
  });
  return cutPasses(trace, { whole, stageOf }, times, "layers");
}

/** Where whole passes are alike they are what repeats: the layers are what repeats within one. */
function layersWithin(trace: Trace, events: Uint32Array, repeated: LayerCut): Places | null {
  const from = repeated.positionOf.indexOf(0);
  const to = repeated.positionOf.indexOf(0, from + 1);
  if (from < 0 || to < 0) return null;
  const one = events.subarray(from, to);
  const inner = cutLayers(trace, one, new Int32Array(trace.gpu.count));
  if (inner === null || inner.count < LEAST_LAYERS) return null;
  const first = Array.from(one.keys()).filter((entry) => inner.layerOf[entry] === 0);
  const nameOf = (row: Row): number => trace.gpu.name[row]!;
  const template = Uint32Array.from(first, (entry) => nameOf(one[entry]!));
  const lane = trace.gpu.stream[one[first[0]!]!]!;
  const entries = [...events.keys()].filter((entry) => trace.gpu.stream[events[entry]!] === lane);
  const names = Uint32Array.from(entries, (entry) => nameOf(events[entry]!));
  const layerOf = new Int32Array(events.length).fill(-1);
  const positionOf = new Int32Array(events.length).fill(-1);
  for (const { start, layer } of walkLayers(names, template))
    for (let position = 0; position < template.length; position++) {
      const entry = entries[start + position]!;
      layerOf[entry] = layer;
      positionOf[entry] = position;
    }
  return { layerOf, positionOf };
}

/** Layer and position of every entry, -1 outside the layers. */
type Places = Pick<LayerCut, "layerOf" | "positionOf">;

/**
 * Entries at which the first layer of a pass begins: where more kernels lie between two layers than
 * a layer that carries one more would have.
 */
function passStarts({ layerOf, positionOf }: Places): number[] {
  const begins: { entry: number; between: number }[] = [];
  let between = 0;
  for (let entry = 0; entry < layerOf.length; entry++) {
    if (layerOf[entry]! < 0) between++;
    else if (positionOf[entry] === 0) {
      begins.push({ entry, between });
      between = 0;
    }
  }
  const most = largestOf([0, ...begins.slice(1).map((begin) => begin.between)]);
  if (most < LEAST_BETWEEN) return [];
  return begins
    .filter(({ between: kernels }, at) => at === 0 || 2 * kernels >= most)
    .map(({ entry }) => entry);
}

/** Embedding or head and sampling; one kernel more stands in many a layer. */
const LEAST_BETWEEN = 2;

/** True where every pass but the first and last, which may be cut, has as many layers. */
function areWhole({ positionOf }: Places, starts: readonly number[]): boolean {
  const counts = starts.map((start, at) => {
    let layers = 0;
    for (let entry = start; entry < (starts[at + 1] ?? positionOf.length); entry++)
      layers += Number(positionOf[entry] === 0);
    return layers;
  });
  const inner = counts.length > 2 ? counts.slice(1, -1) : counts;
  const [usual = 0] = inner;
  return (
    usual >= LEAST_LAYERS &&
    inner.every((layers) => layers === usual) &&
    counts.every((layers) => layers <= usual)
  );
}

/**
 * True where a pass holds others: kernels outside the layers that repeat among themselves are the
 * layers of another kind of pass (a prefill between decodes), and as many between two layers as
 * between two passes may be the end of one.
 */
function holdOthers(
  trace: Trace,
  events: Uint32Array,
  { layerOf, positionOf }: Places,
  starts: readonly number[],
): boolean {
  const isStart = new Set(starts);
  let from = starts[0]!;
  for (let entry = from; entry <= layerOf.length; entry++) {
    if (entry < layerOf.length && layerOf[entry]! < 0) continue;
    const between = events.subarray(from, entry);
    const isInner = entry < layerOf.length && positionOf[entry] === 0 && !isStart.has(entry);
    if (isInner && between.length >= LEAST_BETWEEN) return true;
    if (between.length >= LEAST_REPEATED && repeats(trace, between)) return true;
    from = entry + 1;
  }
  return false;
}

/** Kernels of a layer, twice. */
const LEAST_REPEATED = 8;

function repeats(trace: Trace, rows: Uint32Array): boolean {
  const found = cutLayers(trace, rows, new Int32Array(trace.gpu.count));
  return found !== null && found.count > MOST_DENSE;
}

/** Models begin with up to so many layers of another kind. */
const MOST_DENSE = 4;

function lastLayered({ layerOf }: Places, from: number, to: number): number {
  let last = from;
  for (let entry = from; entry < to; entry++) if (layerOf[entry]! >= 0) last = entry;
  return last;
}
